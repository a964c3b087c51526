/** Third-party programs read what ours publish, and publish what ours read. */
import assert from "node:assert/strict";
import { decodePng, encodePng } from "../../lib/image/png.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { HOMEWORK_PARTS, startHomework } from "../homework/homework.ts";
import { makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import { Pipeline } from "./pipeline.ts";
import { until } from "../../lib/testing/until.ts";

const parts = findParts();

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

Deno.test(
  "a picture published with mosquitto_pub -f is stored",
  needs("mosquitto", "mosquittoPub", "versitygw"),
  async () => {
    await using pipeline = await Pipeline.start();
    const file = await Deno.makeTempFile({ suffix: ".png" });
    const picture = encodePng({ width: 40, height: 30, rgb: new Uint8Array(40 * 30 * 3).fill(90) });
    await Deno.writeFile(file, picture);
    await run(parts.mosquittoPub!, [
      "-p",
      String(pipeline.edge.port),
      "-t",
      "face_detection",
      "-q",
      "1",
      "-f",
      file,
    ]);
    await pipeline.stores(1);
    const [[key, face]] = await pipeline.faces();
    assert.match(key, /_unknown_[0-9a-f]{12}\.png$/);
    assert.deepEqual(face.bytes, picture);
    assert.equal(face.metadata, undefined);
    await Deno.remove(file);
  },
);

Deno.test(
  "Python's cv2.imdecode of our payload gives the crop",
  needs("mosquitto", "mosquittoSub", "python"),
  async () => {
    await using broker = await Mosquitto.start();
    // Its session outlasts the first run, which only subscribes; the broker keeps a face for the second one.
    const session = ["-p", `${broker.port}`, "-i", "reader", "-c", "-q", "1", "-t", "face_detection"];
    await run(parts.mosquittoSub!, [...session, "-E", "-W", "60"]);
    const detected = await runProgram("detector", [
      "--source",
      "sample",
      "--once",
      "--receipts",
      "off",
      "--qos",
      "1",
      "--broker",
      broker.url,
    ]);
    assert.equal(detected.code, 0, detected.stderr);

    const payload = await run(parts.mosquittoSub!, [...session, "-C", "1", "-N", "-W", "60"]);
    const file = await Deno.makeTempFile({ suffix: ".png" });
    await Deno.writeFile(file, payload);
    const script = "import sys, cv2, numpy\n" +
      "image = cv2.imdecode(numpy.fromfile(sys.argv[1], numpy.uint8), cv2.IMREAD_COLOR)\n" +
      "sys.stdout.buffer.write(cv2.cvtColor(image, cv2.COLOR_BGR2RGB).tobytes())";
    const rgb = await run(parts.python!, ["-c", script, file]);
    const { metadata } = readFace(payload);
    assert.equal(rgb.length, metadata!.crop.width * metadata!.crop.height * 3);
    assert.deepEqual(rgb, decodePng(payload).rgb);
    await Deno.remove(file);
  },
);

Deno.test(
  "the course's detector works with our forwarder and saver",
  needs(...HOMEWORK_PARTS),
  async () => {
    await using clip = await makeClip("walkers");
    await using pipeline = await Pipeline.start();
    await using detector = startHomework("face_detector", pipeline, [clip.path]);
    const { code, stdout, stderr } = await detector.ended();
    assert.equal(code, 0, stderr);
    const faces = Number(/ faces=(\d+)/.exec(stdout)?.[1]);
    assert.ok(faces > 50, `only ${faces} faces`);
    await pipeline.stores(faces);
    const ids = Array.from((await pipeline.faces()).values(), ({ id }) => id);
    assert.equal(new Set(ids).size, faces);
  },
);

Deno.test(
  "our detector works with the course's logger, forwarder and image processor",
  needs(...HOMEWORK_PARTS),
  async () => {
    await using clip = await makeClip("walkers");
    await using edge = await Mosquitto.start();
    await using cloud = await Mosquitto.start();
    await using s3 = await S3Server.start();
    const servers = { edge, cloud, s3 };
    await using logger = startHomework("message_logger", servers);
    await using forwarder = startHomework("message_forwarder", servers);
    await using processor = startHomework("image_processor", servers);
    await Promise.all([logger, forwarder, processor].map((program) => program.printed(/ready/)));
    const args = ["--source", clip.path, "--once", "--receipts", "off", "--broker", edge.url];
    const detected = await runProgram("detector", args);
    assert.equal(detected.code, 0, detected.stderr);
    const faces = Number(/ faces=(\d+)/.exec(detected.stderr)?.[1]);
    assert.ok(faces > 50, detected.stderr);
    const count = (text: string, line: RegExp) => text.match(line)?.length ?? 0;
    await until(() => count(processor.stdout, /^stored /gm) === faces, "all faces are stored");
    await until(() => count(logger.stdout, /^face of \d+ bytes$/gm) === faces, "all faces are logged");
    // Its object names have one second's resolution: later faces replace earlier ones.
    const objects = await s3.objects();
    assert.ok(objects.size > 0);
    for (const [key, bytes] of objects) {
      assert.match(key, /^HW3\/\d\d-\d\d-20\d\d-\d\d-\d\d-\d\d_image\.png$/);
      assert.equal(readFace(bytes).metadata?.frame.width, 640);
    }
  },
);

Deno.test("the course's object names work, and a second face in the same second gets _2", {
  ...needs("mosquitto", "versitygw"),
}, async () => {
  await using pipeline = await Pipeline.start();
  await pipeline.startSaverInstead(["--key", "HW3/{MM}-{DD}-{YYYY}-{HH}-{mm}-{ss}_image.png"]);
  assert.equal((await pipeline.detect("sample").ended()).code, 0);
  const keys = Array.from((await pipeline.faces()).keys());
  assert.equal(keys.length, 17);
  for (const key of keys) assert.match(key, /^door\/HW3\/\d\d-\d\d-20\d\d-\d\d-\d\d-\d\d_image(_\d+)?\.png$/);
  assert.ok(keys.some((key) => key.endsWith("_image_2.png")));
});
