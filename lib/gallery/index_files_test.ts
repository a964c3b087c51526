/** The index on disk: what it keeps, and what it survives. */
import assert from "node:assert/strict";
import { TempFolder } from "../testing/temp_folder.ts";
import { CacheFolder } from "./cache_folder.ts";
import type { KnownFace } from "./face_set.ts";
import { IndexFiles } from "./index_files.ts";
import { formatLine, parseLine } from "./index_line.ts";

const DAY = "2026-01-31";
const never = () => new Promise<void>(() => {});

/** A face with all infos. */
function faceOf(key: string, changes: Partial<KnownFace> = {}): KnownFace {
  return {
    key,
    ms: 5,
    bytes: 100,
    writtenMs: 7,
    info: {
      width: 2,
      height: 3,
      own: {
        camera: "door",
        device: "board",
        capturedMs: 5,
        why: "best",
        score: 0.5,
        visit: { id: "visit/board/door/00aa/7/4", beganMs: 4, lastMs: 6, detections: 9 },
      },
    },
    ...changes,
  };
}

function openIndex(path: string, onFailure?: (reason: string) => void): IndexFiles {
  return new IndexFiles(new CacheFolder(path, { maxBytes: 2 ** 20, onFailure }), { delay: never });
}

Deno.test("a line has the face as it was written", () => {
  for (const info of [faceOf("a").info!, {}, { width: 1, height: 1 }]) {
    const face = { key: "2026-01-31/ä b.png", bytes: 100, writtenMs: 7, info };
    assert.deepEqual(parseLine(formatLine(face).trimEnd()), face);
  }
});

Deno.test("a line of another program, a damaged or a cut one, is ignored", () => {
  const line = formatLine({ key: "a", bytes: 1, writtenMs: 1, info: faceOf("a").info! }).trimEnd();
  for (let length = 0; length < line.length; length++) {
    assert.equal(parseLine(line.slice(0, length)), undefined);
  }
  for (
    const wrong of [
      "null",
      "[]",
      '{"key":"a"}',
      line.replace('"bytes":1', '"bytes":"1"'),
      line.replace('"key":"a"', '"key":"a\\u0000"'),
    ]
  ) {
    assert.equal(parseLine(wrong), undefined, wrong);
  }
  const hostile = parseLine(line.replace("door", "<b>"));
  assert.deepEqual(hostile?.info, { width: 2, height: 3 }, "metadata that no face can have");
});

Deno.test("the index of a day has its faces again after a restart, and no face whose object has changed", async () => {
  using folder = new TempFolder();
  const index = openIndex(folder.at("index"));
  for (const key of ["a", "b", "c"]) index.add(DAY, faceOf(key));
  index.add(DAY, faceOf("unread", { info: undefined }));
  await index.close();
  assert.equal((await Deno.readTextFile(folder.at(`index/${DAY}.jsonl`))).trimEnd().split("\n").length, 3);
  const loaded = await openIndex(folder.at("index")).load(DAY);
  assert.deepEqual(loaded.infoOf(faceOf("a", { info: undefined })), faceOf("a").info);
  assert.equal(loaded.infoOf(faceOf("b", { bytes: 101 })), undefined);
  assert.equal(loaded.infoOf(faceOf("b", { writtenMs: 8 })), undefined);
  assert.equal(loaded.infoOf(faceOf("d")), undefined);
});

Deno.test("of two lines of a key the last one counts, and a damaged file is read as far as possible", async () => {
  using folder = new TempFolder();
  const index = openIndex(folder.at("index"));
  index.add(DAY, faceOf("a", { info: { width: 1 } }));
  index.add(DAY, faceOf("a", { info: { width: 2 } }));
  await index.flush();
  await Deno.writeTextFile(folder.at(`index/${DAY}.jsonl`), '\0\xff{"key":', { append: true });
  const loaded = await openIndex(folder.at("index")).load(DAY);
  assert.deepEqual(loaded.infoOf(faceOf("a")), { width: 2 });
});

Deno.test("a file of which most lines are not used is replaced", async () => {
  using folder = new TempFolder();
  const index = openIndex(folder.at("index"));
  for (let count = 0; count < 300; count++) index.add(DAY, faceOf(`${count}`));
  await index.flush();
  const loaded = await openIndex(folder.at("index")).load(DAY);
  const rest = [faceOf("1"), faceOf("2")];
  for (const face of rest) loaded.infoOf(face);
  assert.equal(loaded.isMostlyUnused, true);
  await index.rewrite(DAY, rest);
  const again = await openIndex(folder.at("index")).load(DAY);
  assert.deepEqual(again.infoOf(faceOf("2")), faceOf("2").info);
  assert.equal(again.infoOf(faceOf("3")), undefined);
  assert.equal(again.isMostlyUnused, false);
});

Deno.test("a face that is deleted before its line was written leaves no line", async () => {
  using folder = new TempFolder();
  const index = openIndex(folder.at("index"));
  for (const key of ["kept", "deleted"]) index.add(DAY, faceOf(key));
  index.add("2026-02-01", faceOf("other day"));
  await index.rewrite(DAY, [faceOf("kept")]);
  await index.close();
  const written = await Deno.readTextFile(folder.at(`index/${DAY}.jsonl`));
  assert.deepEqual(written.trimEnd().split("\n").map((line) => JSON.parse(line).key), ["kept"]);
  const other = await openIndex(folder.at("index")).load("2026-02-01");
  assert.deepEqual(other.infoOf(faceOf("other day")), faceOf("other day").info);
});

Deno.test("a folder that cannot be written is reported once, and nothing fails", async () => {
  using folder = new TempFolder();
  folder.write("file", "");
  const failures: string[] = [];
  const index = openIndex(folder.at("file/index"), (reason) => failures.push(reason));
  for (let round = 0; round < 3; round++) {
    index.add(DAY, faceOf("a"));
    await index.flush();
  }
  assert.equal(failures.length, 1);
  assert.match(failures[0], /Not a directory/);
  assert.equal((await index.load(DAY)).infoOf(faceOf("a")), undefined);
});

Deno.test("a cache folder is limited, and what was used longest ago is removed, also after a restart", async () => {
  using folder = new TempFolder();
  const names = async () => (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name).sort();
  const first = new CacheFolder(folder.path, { maxBytes: 10 });
  await first.write("a", new Uint8Array(4));
  await first.write("b", new Uint8Array(4));
  await first.read("a");
  await first.write("c", new Uint8Array(4));
  assert.equal(await first.read("b"), undefined);
  assert.equal((await first.read("a"))!.length, 4);
  await first.write("large", new Uint8Array(11));
  assert.equal(first.bytes, 8);
  await Deno.utime(folder.at("a"), 1, 1);
  folder.write("left.0123.tmp", "of a crash");
  const second = new CacheFolder(folder.path, { maxBytes: 10 });
  await second.append("d", new Uint8Array(3));
  assert.equal(await second.read("a"), undefined);
  assert.equal((await second.read("c"))!.length, 4);
  await second.remove("c");
  assert.equal(second.bytes, 3);
  assert.deepEqual(await names(), ["d"]);
});
