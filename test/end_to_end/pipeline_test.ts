/** Faces go from a source through detector, brokers, forwarder and saver into the bucket. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { openFolderStore } from "../../lib/store/folder_store.ts";
import { run } from "../../lib/testing/command.ts";
import { PICTURE_NAMES, PICTURES, readTruth } from "../media/corpus.ts";
import { makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { runProgram } from "../servers/run_program.ts";
import { Pipeline } from "./pipeline.ts";

/** The order of a frame's boxes has no meaning. */
const sorted = (boxes: readonly (readonly number[])[]) => boxes.map(String).sort();

/** How many of the 36 frames of the sample show its face. */
const SAMPLE_FACES = 17;

Deno.test("a face reaches the bucket, once, with its metadata", needs("mosquitto", "versitygw"), async () => {
  await using pipeline = await Pipeline.start();
  await using detector = pipeline.detect("sample", ["--camera", "door"]);
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /done frames=36 skipped=0 searched=36 detections=17 faces=17 waiting=0/);

  const faces = await pipeline.faces();
  assert.equal(faces.size, SAMPLE_FACES);
  for (const [key, { metadata, width, height }] of faces) {
    assert.match(key, /^door\/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d-\d{3}_door_[0-9a-f]{12}\.png$/);
    assert.equal(metadata?.camera, "door");
    assert.deepEqual([metadata.crop.width, metadata.crop.height], [width, height]);
  }
  const sequences = Array.from(faces.values(), ({ metadata }) => metadata!.sequence).sort((a, b) => a - b);
  assert.deepEqual(sequences, Array.from({ length: SAMPLE_FACES }, (_, index) => index + 1));
  assert.deepEqual(Array.from(Deno.readDirSync(`${pipeline.state}/outbox`)), []);
});

Deno.test(
  "every box of a clip reaches the bucket as OpenCV found it",
  needs("mosquitto", "versitygw", "ffmpeg"),
  async () => {
    await using clip = await makeClip("walkers");
    await using pipeline = await Pipeline.start();
    await using detector = pipeline.detect(clip.path);
    const { code, stderr } = await detector.ended();
    assert.equal(code, 0, stderr);

    const faces = Array.from((await pipeline.faces()).values(), ({ metadata }) => metadata!)
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ box: { x, y, width, height } }) => [x, y, width, height]);
    const expected = (await readTruth("walkers")).boxes["sf1.3_mn5"];
    const found = expected.map(({ length }) => faces.splice(0, length));
    assert.deepEqual(found.map(sorted), expected.map(sorted));
    assert.deepEqual(faces, []);
  },
);

Deno.test(
  "a clip behind a web address and a folder of pictures are sources like any other",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("walkers");
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
      return new Response(await Deno.readFile(clip.path));
    });
    const detect = async (source: string) => {
      const out = await Deno.makeTempDir();
      const { code, stderr } = await runProgram("detector", ["--source", source, "--once", "--out", out]);
      await Deno.remove(out, { recursive: true });
      assert.equal(code, 0, stderr);
      return /done .*/.exec(stderr)?.[0];
    };
    const found = (await readTruth("walkers")).boxes["sf1.3_mn5"].flat().length;
    assert.equal(
      await detect(`http://127.0.0.1:${server.addr.port}/x`),
      `done frames=120 skipped=0 searched=120 detections=${found} faces=${found} written=${found}`,
    );
    const pictures = await Deno.makeTempDir();
    for (const name of PICTURE_NAMES) await Deno.copyFile(PICTURES[name], `${pictures}/${name}.png`);
    await Deno.writeTextFile(`${pictures}/notes.png`, "no picture");
    assert.equal(
      await detect(pictures),
      "done frames=5 skipped=0 searched=5 detections=2 faces=2 written=2",
    );
    await Deno.remove(pictures, { recursive: true });
  },
);

/** Number, reason and detections of the visit of each face that the detector writes, in the order of capture. */
async function visits(source: string, args: readonly string[] = []) {
  const out = await Deno.makeTempDir();
  const { code, stderr } = await runProgram(
    "detector",
    ["--source", source, "--once", "--out", out, ...args],
    { env: { HAARLEM_FACES: "best" } },
  );
  assert.equal(code, 0, stderr);
  const stored = await Array.fromAsync(openFolderStore(out).list({ signal: new AbortController().signal }));
  const files = await Promise.all(stored.map(({ key }) => Deno.readFile(`${out}/${key}`)));
  await Deno.remove(out, { recursive: true });
  return files.map((file) => readFace(file).metadata!).sort((a, b) => a.sequence - b.sequence)
    .map(({ visit }) => [visit?.number, visit?.why, visit?.detections]);
}

Deno.test("each visit yields one face, too few detections yield none, and a picture has no visit", async () => {
  assert.deepEqual(await visits("sample"), [[1, "first", 2]]);
  assert.deepEqual(await visits("sample", ["--confirm", "18/20"]), [], "too few detections");
  assert.deepEqual(
    await visits(PICTURES.hopper),
    [[undefined, undefined, undefined]],
    "a picture is no visit",
  );
});

Deno.test("the people of the sample scenes are visits, and the best picture of those who come closer follows", async () => {
  const whys = async (source: string) => (await visits(source)).map(([number, why]) => `${number} ${why}`);
  assert.deepEqual(await whys("sample:front"), ["1 first", "2 first", "2 best"]);
  assert.deepEqual(await whys("sample:yard"), ["1 first", "1 best", "2 first", "3 first", "3 best"]);
});

Deno.test("people who replace each other at one place are visits of their own", needs("ffmpeg"), async () => {
  await using clip = await makeClip("door");
  assert.deepEqual(await visits(clip.path, ["--motion", "off"]), [
    ...[[1, "first", 2], [2, "first", 2], [3, "first", 2], [2, "best", 36]],
    ...[[4, "first", 2], [3, "best", 33], [5, "first", 2], [4, "best", 34]],
  ]);
});

Deno.test(
  "--rotate turns an upside-down camera, --ignore drops a zone, --equalise keeps the faces",
  needs("ffmpeg"),
  async () => {
    await using clip = await makeClip("door");
    const folder = await Deno.makeTempDir();
    const turned = `${folder}/turned.mp4`;
    const args = [
      "-v",
      "error",
      "-i",
      clip.path,
      "-vf",
      "hflip,vflip",
      "-frames:v",
      "72",
      "-qp",
      "10",
      turned,
    ];
    await run(findParts().ffmpeg!, args);
    const detections = async (...more: string[]) => {
      const { code, stderr } = await runProgram("detector", [
        "--source",
        turned,
        "--once",
        "--out",
        `${folder}/out`,
        ...more,
      ]);
      assert.equal(code, 0, stderr);
      return Number(/detections=(\d+)/.exec(stderr)?.[1]);
    };
    const right = await detections("--rotate", "180");
    assert.ok(right > 50 && await detections() < right / 4, `${right} detections`);
    assert.equal(await detections("--rotate", "180", "--ignore", "0,0,640,480"), 0);
    assert.equal(await detections("--rotate", "180", "--ignore", "0,400,640,80"), right);
    assert.ok(await detections("--rotate", "180", "--equalise", "on") > 50);
    assert.equal(await detections("--rotate", "90"), 0);
    await Deno.remove(folder, { recursive: true });
  },
);
