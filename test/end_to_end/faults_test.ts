/** Brokers, links, stores and programs that go away and return: every face arrives once. */
import assert from "node:assert/strict";
import { encodeJpeg } from "../../lib/image/jpeg_encoder.ts";
import { planesOfPicture } from "../../lib/image/jpeg_planes.ts";
import { decodePng } from "../../lib/image/png.ts";
import { inProject } from "../../lib/testing/files.ts";
import { needs } from "../needs.ts";
import { showing } from "../servers/mjpeg_camera.ts";
import { Pipeline } from "./pipeline.ts";

const SAMPLE_FACES = 17;

/** The sample at its own pace, with short retries. */
const SLOWLY = ["--realtime", "--rate", "8", "--retry", "1"];

/** A picture with one face. */
const PORTRAIT = encodeJpeg(
  planesOfPicture(decodePng(await Deno.readFile(inProject("lib/camera/sample/astronaut.png")))),
);
const FRAME_MS = 125;

/**
 * Runs a stream through the pipeline, which has a face in every frame and ends when faces are stored again after `fault`,
 * however long that takes. Expects every face once.
 */
function survives(name: string, fault: (pipeline: Pipeline) => Promise<void>, { qos = "1" } = {}): void {
  const parts = needs("mosquitto", "versitygw", "ffmpeg");
  Deno.test(`no face is lost or stored twice: ${name}`, parts, async () => {
    await using pipeline = await Pipeline.start({ qos });
    await using camera = showing([PORTRAIT], FRAME_MS);
    await using detector = pipeline.detect(camera.url, ["--retry", "1"]);
    await detector.printed(/first frame/);
    await pipeline.stores(2);
    await fault(pipeline);
    await pipeline.stores(6);
    camera.end();
    const { code, stderr } = await detector.ended();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /waiting=0 .*evicted=0/);
    const found = Number(/faces=(\d+)/.exec(stderr)?.[1]);

    const faces = Array.from((await pipeline.faces()).values());
    const sequences = faces.map(({ metadata }) => metadata!.sequence).sort((a, b) => a - b);
    assert.deepEqual(sequences, Array.from({ length: found }, (_, index) => index + 1));
  });
}

survives("kill -9 of the saver", async (pipeline) => {
  await pipeline.saver.kill();
  await pipeline.holds(2);
  pipeline.startSaver();
});

survives("kill -9 of the forwarder", async (pipeline) => {
  await pipeline.forwarder.kill();
  await pipeline.holds(2);
  pipeline.startForwarder();
});

survives("kill -9 of the broker on the board", async (pipeline) => {
  await pipeline.edge.kill();
  await pipeline.holds(2);
  await pipeline.edge.start();
});

survives("kill -9 of the broker in the cloud", async (pipeline) => {
  await pipeline.cloud.kill();
  await pipeline.holds(2);
  await pipeline.cloud.start();
});

survives("kill -9 of everything behind the detector, with QoS 0", async (pipeline) => {
  await Promise.all(
    [pipeline.saver, pipeline.edge, pipeline.forwarder, pipeline.cloud].map((part) => part.kill()),
  );
  await pipeline.holds(2);
  pipeline.startForwarder();
  pipeline.startSaver();
  await Promise.all(
    [pipeline.forwarder, pipeline.saver].map((part) => part.printed(/no connection to the (edge )?broker/)),
  );
  await Promise.all([pipeline.edge.start(), pipeline.cloud.start()]);
}, { qos: "0" });

survives("the cable to the cloud is cut", async (pipeline) => {
  pipeline.link.cut();
  await pipeline.holds(2);
  pipeline.link.mend();
});

survives("the S3 server is killed", async (pipeline) => {
  await pipeline.s3.kill();
  await pipeline.saver.printed(/cannot store: /);
  await pipeline.s3.start();
});

survives("the S3 server freezes", async (pipeline) => {
  await pipeline.startSaverInstead(["--s3-timeout", "1"]);
  pipeline.s3.signal("SIGSTOP");
  await pipeline.saver.printed(/cannot store: /);
  pipeline.s3.signal("SIGCONT");
});

Deno.test(
  "the next start of a killed detector sends the faces in its outbox",
  needs("mosquitto", "versitygw"),
  async () => {
    await using pipeline = await Pipeline.start();
    await pipeline.edge.kill();
    {
      await using detector = pipeline.detect("sample", SLOWLY);
      await pipeline.holds(3);
      await detector.kill();
    }
    const before = pipeline.waiting();
    await pipeline.edge.start();
    const { code, stderr } = await pipeline.detect("sample", ["--retry", "1"]).ended();
    assert.equal(code, 0, stderr);

    const faces = Array.from((await pipeline.faces()).values());
    const epochs = new Set(faces.map(({ metadata }) => metadata!.epoch));
    const sequences = faces.map(({ metadata }) => metadata!.sequence).sort((a, b) => a - b);
    assert.equal(epochs.size, 1);
    assert.deepEqual(
      sequences,
      Array.from({ length: Math.max(...before) + SAMPLE_FACES }, (_, index) => index + 1),
    );
  },
);

Deno.test(
  "every program starts before its broker and connects when it starts",
  needs("mosquitto", "versitygw"),
  async () => {
    await using pipeline = await Pipeline.start();
    await Promise.all([pipeline.edge.kill(), pipeline.cloud.kill(), pipeline.s3.kill()]);
    await Promise.all([pipeline.forwarder.kill(), pipeline.saver.kill()]);
    pipeline.startForwarder();
    pipeline.startSaver();
    await using detector = pipeline.detect("sample", ["--retry", "1"]);
    await Promise.all([
      pipeline.forwarder.printed(/no connection to the edge broker: nothing listens/),
      pipeline.saver.printed(/the store does not answer yet[^]*no connection to the broker: nothing listens/),
      detector.printed(/no connection to the broker: nothing listens/),
    ]);
    await Promise.all([pipeline.edge.start(), pipeline.cloud.start(), pipeline.s3.start()]);
    const { code, stderr } = await detector.ended();
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/no connection to the broker/g)?.length, 1, "it is reported once");
    assert.equal((await pipeline.faces()).size, SAMPLE_FACES);
  },
);

Deno.test(
  "SIGTERM ends a detector soon although the broker is away, and its outbox keeps the faces",
  needs("mosquitto"),
  async () => {
    await using pipeline = await Pipeline.start();
    await pipeline.edge.kill();
    await using detector = pipeline.detect("sample", SLOWLY);
    await pipeline.holds(1);
    detector.signal("SIGTERM");
    const { code, stderr } = await detector.ended();
    assert.equal(code, 0);
    const waiting = Number(/waiting=(\d+)/.exec(stderr)?.[1]);
    assert.ok(waiting > 0, stderr);
    assert.equal(pipeline.waiting().length, waiting);
  },
);
