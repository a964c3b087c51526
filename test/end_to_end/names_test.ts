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
    await using second = detector("b", "--once");
    await second.printed(
      /another client with the name "raspberrypi\/detector-camera" is connected.* Try: set --device/,
    );
    assert.equal((await second.ended()).code, 0);
    first.signal("SIGTERM");
    const ended = await first.ended();
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(second.stderr.match(/another client/g)?.length, 1);
    for (const { stderr } of [first, second]) assert.doesNotMatch(stderr, /no connection to the broker/);
    assert.doesNotMatch(first.stderr, /another client/);
    const counted = (text: string, name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1]);
    assert.equal(counted(second.stderr, "faces"), FACES_OF_SAMPLE);
    assert.equal(counted(second.stderr, "waiting"), 0, second.stderr);
    const stored = (await Array.fromAsync(filesIn(`${folder}/store`))).length;
    const sent = counted(first.stderr, "faces") - counted(first.stderr, "waiting");
    assert.ok(stored >= sent + FACES_OF_SAMPLE, `${stored} stored, ${sent} + ${FACES_OF_SAMPLE} sent`);
    await Deno.remove(folder, { recursive: true });
  },
);
