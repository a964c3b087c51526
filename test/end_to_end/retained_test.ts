/** A retained message is not a new face. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { encodePng } from "../../lib/image/png.ts";
import { run } from "../../lib/testing/command.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { CloudSide, makeFace } from "./cloud_side.ts";
import { Pipeline } from "./pipeline.ts";

Deno.test(
  "a retained message is stored at most once, and never under the time of its arrival",
  needs("mosquitto"),
  async () => {
    const store = await Deno.makeTempDir();
    const stored = async () => (await Array.fromAsync(Deno.readDir(store))).map(({ name }) => name);
    await using side = await CloudSide.start(["--store", store]);
    const third = readFace(encodePng({ width: 3, height: 3, rgb: new Uint8Array(27).fill(90) }));
    const ours = makeFace();
    await side.saver.kill();
    for (const [topic, { bytes }] of [["face_detection", third]] as const) {
      await publish(side.broker.port, topic, bytes, ["-r"]);
    }
    for (let start = 0; start < 2; start++) {
      await side.startSaver();
      await side.saver.printed(/skipped a retained picture/);
      await side.saver.kill();
    }
    assert.deepEqual(await stored(), []);
    await publish(side.broker.port, "face_detection", ours.bytes, ["-r"]);
    for (let start = 0; start < 2; start++) {
      side.receipts.clear();
      await side.startSaver();
      await side.receipted([ours]);
      await side.saver.kill();
    }
    assert.deepEqual(await stored(), ["2026-01-31"]);
    assert.equal(Array.from(Deno.readDirSync(`${store}/2026-01-31`)).length, 1);
    await Deno.remove(store, { recursive: true });
  },
);

Deno.test(
  "forwarder and logger ignore a retained face, and handle the same face when it is published",
  needs("mosquitto", "mosquittoPub", "versitygw"),
  async () => {
    await using pipeline = await Pipeline.start();
    await pipeline.forwarder.kill();
    const [kept, fresh] = [makeFace(), makeFace()];
    await publish(pipeline.edge.port, "face_detection", kept.bytes, ["-r"]);
    // The forwarder is connected before the message is published.
    pipeline.edge.signal("SIGSTOP");
    pipeline.startForwarder(["--health", "127.0.0.1:0"]);
    await pipeline.forwarder.printed(/connected to the cloud/);
    pipeline.edge.signal("SIGCONT");
    await pipeline.forwarder.printed(/connected to the edge/);
    await using logger = new RunningProgram("logger", ["--broker", pipeline.edge.url, "--json"]);
    await logger.printed(/connected/);
    await publish(pipeline.edge.port, "face_detection", fresh.bytes);
    await logger.printed(new RegExp(fresh.id));
    assert.doesNotMatch(logger.stdout, new RegExp(kept.id));
    await publish(pipeline.edge.port, "face_detection", kept.bytes);
    await logger.printed(new RegExp(kept.id));
    const [, health] = await pipeline.forwarder.printed(/health at (\S+healthz)/);
    const done = async () => (await (await fetch(health)).json()).done;
    await until(async () => (await done()).faces === 2, "the forwarder has sent both faces");
    pipeline.forwarder.signal("SIGTERM");
    assert.match((await pipeline.forwarder.ended()).stderr, /done faces=2 .*dropped=1/);
  },
);

/** Publishes a retained message, with another program: our own bus never sets the flag. */
async function publish(port: number, topic: string, bytes: Uint8Array, more: string[] = []): Promise<void> {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, bytes);
  const args = ["-p", String(port), "-t", topic, "-q", "1", "-f", file, ...more];
  await run("mosquitto_pub", args);
  await Deno.remove(file);
}
