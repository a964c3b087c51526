import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { openFolderStore } from "../../lib/store/folder_store.ts";
import { MEDIA, needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { runProgram } from "../servers/run_program.ts";
import { Pipeline } from "./pipeline.ts";

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

Deno.test("every box of a clip reaches the bucket as OpenCV found it", {
  ...needs("mosquitto", "versitygw", "ffmpeg"),
  ...(MEDIA ? {} : { ignore: true }),
}, async () => {
  await using pipeline = await Pipeline.start();
  await using detector = pipeline.detect(`${MEDIA}/pub_signers.mp4`);
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);

  const truth = JSON.parse(await Deno.readTextFile(`${MEDIA}/pub_signers.truth.json`));
  const expected: number[][] = truth.variants.ffmpeg_gray.boxes["sf1.3_mn5"].flat();
  const faces = Array.from((await pipeline.faces()).values()).sort((a, b) =>
    a.metadata!.sequence - b.metadata!.sequence
  );
  const boxes = faces.map((
    { metadata },
  ) => [metadata!.box.x, metadata!.box.y, metadata!.box.width, metadata!.box.height]);
  assert.deepEqual(boxes, expected);
});

Deno.test("a clip behind a web address and a folder of pictures are sources like any other", {
  ...needs("ffmpeg"),
  ...(MEDIA ? {} : { ignore: true }),
}, async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
    return new Response(await Deno.readFile(`${MEDIA}/pub_group.mp4`));
  });
  const detect = async (source: string) => {
    const out = await Deno.makeTempDir();
    const { code, stderr } = await runProgram("detector", ["--source", source, "--once", "--out", out]);
    await Deno.remove(out, { recursive: true });
    assert.equal(code, 0, stderr);
    return /done .*/.exec(stderr)?.[0];
  };
  assert.equal(
    await detect(`http://127.0.0.1:${server.addr.port}/x`),
    "done frames=180 skipped=0 searched=180 detections=123 faces=123 written=123",
  );
  const pictures = await Deno.makeTempDir();
  for (const name of ["astronaut", "chelsea", "group", "rocket", "signer"]) {
    await Deno.copyFile(`${MEDIA}/${name}.png`, `${pictures}/${name}.png`);
  }
  await Deno.writeTextFile(`${pictures}/notes.png`, "no picture");
  assert.equal(await detect(pictures), "done frames=5 skipped=0 searched=5 detections=3 faces=3 written=3");
  await Deno.remove(pictures, { recursive: true });
});

Deno.test("one face for each visit, and a better one at its end", async () => {
  const out = await Deno.makeTempDir();
  const faces = async (source: string, args: string[] = []) => {
    await Deno.remove(out, { recursive: true });
    const env = { HAARLEM_FACES: "best" };
    const { code, stderr } = await runProgram("detector", [
      "--source",
      source,
      "--once",
      "--out",
      out,
      ...args,
    ], { env });
    assert.equal(code, 0, stderr);
    const stored = await Array.fromAsync(openFolderStore(out).list({ signal: new AbortController().signal }));
    const files = await Promise.all(stored.map(({ key }) => Deno.readFile(`${out}/${key}`)));
    return files.map((file) => readFace(file).metadata!).sort((a, b) => a.sequence - b.sequence)
      .map(({ visit }) => [visit?.number, visit?.why, visit?.detections]);
  };
  assert.deepEqual(await faces("sample"), [[1, "first", 2]]);
  assert.deepEqual(await faces("sample", ["--confirm", "18/20"]), [], "seen too seldom");
  const picture = new URL("../../lib/camera/sample/astronaut.png", import.meta.url).pathname;
  assert.deepEqual(await faces(picture), [[undefined, undefined, undefined]], "a picture is no visit");
  if (MEDIA && !needs("ffmpeg").ignore) {
    // Man, woman, man, woman, man, one after the other on the same spot (bench/truth/pub_signers.json).
    const signers = [
      ...[[1, "first", 2], [2, "first", 2], [1, "best", 77], [3, "first", 2], [2, "best", 100]],
      ...[[4, "first", 2], [5, "first", 2], [4, "best", 62]],
    ];
    assert.deepEqual(await faces(`${MEDIA}/pub_signers.mp4`, ["--motion", "off"]), signers);
  }
  await Deno.remove(out, { recursive: true });
});

Deno.test("a camera that hangs upside down, a poster and a bright door are dealt with", {
  ...needs("ffmpeg"),
  ...(MEDIA ? {} : { ignore: true }),
}, async () => {
  const folder = await Deno.makeTempDir();
  const turned = `${folder}/turned.mp4`;
  const args = [
    "-v",
    "error",
    "-i",
    `${MEDIA}/pub_signers.mp4`,
    "-vf",
    "hflip,vflip",
    "-t",
    "3",
    "-qp",
    "10",
    turned,
  ];
  assert.ok((await new Deno.Command(findParts().ffmpeg!, { args, stdin: "null" }).output()).success);
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
});
