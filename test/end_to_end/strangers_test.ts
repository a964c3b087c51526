/** A stranger's parts fit: other programs read what we send and feed what we receive. */
import assert from "node:assert/strict";
import { decodePng, encodePng } from "../../lib/image/png.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { MEDIA, needs, PEER } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import { Pipeline } from "./pipeline.ts";
import { until } from "../../lib/testing/until.ts";

const parts = findParts();
const CLIP = `${MEDIA}/pub_group.mp4`;
const withPeer = MEDIA && PEER
  ? needs("mosquitto", "versitygw", "ffmpeg", "python", "cascades", "peerPythonPath")
  : { ignore: true };

async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

Deno.test("mosquitto_pub -f face.png is saved", needs("mosquitto", "mosquittoPub", "versitygw"), async () => {
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
  await until(async () => (await pipeline.faces()).size === 1, "one face is stored");
  const [[key, face]] = await pipeline.faces();
  assert.match(key, /_stranger_[0-9a-f]{12}\.png$/);
  assert.deepEqual(face.bytes, picture);
  assert.equal(face.metadata, undefined);
  await Deno.remove(file);
});

Deno.test(
  "Python's cv2.imdecode of our payload gives the crop",
  needs("mosquitto", "mosquittoSub", "python"),
  async () => {
    await using broker = await Mosquitto.start();
    const payload = run(parts.mosquittoSub!, [
      "-p",
      String(broker.port),
      "-t",
      "face_detection",
      "-C",
      "1",
      "-N",
    ]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const detected = await runProgram("detector", [
      "--source",
      "sample",
      "--once",
      "--receipts",
      "off",
      "--broker",
      broker.url,
    ]);
    assert.equal(detected.code, 0, detected.stderr);

    const file = await Deno.makeTempFile({ suffix: ".png" });
    await Deno.writeFile(file, await payload);
    const script = "import sys, cv2, numpy\n" +
      "image = cv2.imdecode(numpy.fromfile(sys.argv[1], numpy.uint8), cv2.IMREAD_COLOR)\n" +
      "sys.stdout.buffer.write(cv2.cvtColor(image, cv2.COLOR_BGR2RGB).tobytes())";
    const rgb = await run(parts.python!, ["-c", script, file]);
    const { metadata } = readFace(await payload);
    assert.equal(rgb.length, metadata!.crop.width * metadata!.crop.height * 3);
    assert.deepEqual(rgb, decodePng(await payload).rgb);
    await Deno.remove(file);
  },
);

Deno.test("the homework's detector works with our forwarder and saver", withPeer, async () => {
  await using pipeline = await Pipeline.start();
  const printed = await run(parts.python!, [`${PEER}/detector.py`, CLIP], {
    PYTHONPATH: parts.peerPythonPath!,
    LOCAL_PORT: String(pipeline.edge.port),
  });
  const faces = Number(/ faces=(\d+)/.exec(new TextDecoder().decode(printed))?.[1]);
  assert.ok(faces > 50, `only ${faces} faces`);
  const different = async () => new Set(Array.from((await pipeline.faces()).values(), ({ id }) => id)).size;
  await until(async () => (await pipeline.faces()).size === faces, "all faces are stored");
  assert.equal(await different(), faces);
});

Deno.test("our detector works with the homework's forwarder and saver", withPeer, async () => {
  await using edge = await Mosquitto.start();
  await using cloud = await Mosquitto.start();
  await using s3 = await S3Server.start();
  const env = {
    PYTHONPATH: parts.peerPythonPath!,
    LOCAL_PORT: String(edge.port),
    REMOTE_PORT: String(cloud.port),
    S3_PORT: String(s3.port),
    ROOT_ACCESS_KEY: s3.credentials.AWS_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: s3.credentials.AWS_SECRET_ACCESS_KEY,
  };
  const python = (name: string) =>
    new RunningProgram(name, [], { env, command: [parts.python!, `${PEER}/${name}.py`] });
  await using forwarder = python("forwarder");
  await using saver = python("saver");
  await Promise.all([forwarder.printed(/ready/), saver.printed(/ready/)]);
  const detected = await runProgram("detector", [
    "--source",
    CLIP,
    "--once",
    "--receipts",
    "off",
    "--broker",
    edge.url,
  ]);
  assert.equal(detected.code, 0, detected.stderr);
  const faces = Number(/ faces=(\d+)/.exec(detected.stderr)?.[1]);
  assert.ok(faces > 50, detected.stderr);
  await until(async () => (await s3.objects()).size === faces, "all faces are stored");
});

Deno.test("the homework's object names work, and a second face in the same second gets _2", {
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
