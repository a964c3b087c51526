/** Two boards with the same name: the second one reports it, and every face is stored. */
import assert from "node:assert/strict";
import { filesIn } from "../../lib/testing/files.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const FACES_OF_SAMPLE = 17;

Deno.test(
  "the second of two boards with the same name reports it once, and no face of either is lost",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    const folder = await Deno.makeTempDir();
    await using saver = new RunningProgram("saver", ["--broker", broker.url, "--store", `${folder}/store`]);
    await saver.printed(/connected/);
    const detector = (state: string, ...more: string[]) =>
      new RunningProgram("detector", [
        ...["--broker", broker.url, "--device", "raspberrypi", "--state", `${folder}/${state}`],
        ...["--source", "sample", ...more],
      ]);
    await using first = detector("a");
    await first.printed(/connected/);
    await using second = detector("b");
    await second.printed(
      /another client with the name "raspberrypi\/detector-camera" is connected.* Try: set --device/,
    );
    await endsWell(second, "SIGTERM");
    // Sends what the second one has left; it may end before the first one answers its greeting.
    await using last = detector("b", "--once");
    await endsWell(last);
    await endsWell(first, "SIGTERM");
    assert.equal(second.stderr.match(/another client/g)?.length, 1);
    for (const { stderr } of [first, second, last]) {
      assert.doesNotMatch(stderr, /no connection to the broker/);
    }
    assert.doesNotMatch(first.stderr, /another client/);
    const counted = (text: string, name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1]);
    assert.equal(counted(last.stderr, "faces"), FACES_OF_SAMPLE);
    assert.equal(counted(last.stderr, "waiting"), 0, last.stderr);
    const stored = (await Array.fromAsync(filesIn(`${folder}/store`))).length;
    const sent = counted(first.stderr, "faces") - counted(first.stderr, "waiting") +
      counted(second.stderr, "faces") + FACES_OF_SAMPLE;
    assert.ok(stored >= sent, `${stored} stored, ${sent} sent`);
    await Deno.remove(folder, { recursive: true });
  },
);

async function endsWell(program: RunningProgram, signal?: Deno.Signal): Promise<void> {
  if (signal) program.signal(signal);
  const { code, stderr } = await program.ended();
  assert.equal(code, 0, stderr);
}
