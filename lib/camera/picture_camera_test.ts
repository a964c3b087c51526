/** Pictures as a camera. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import type { Camera } from "./camera.ts";
import { isPictureName, pictureCamera } from "./picture_camera.ts";

const never = new AbortController().signal;
const ONCE = { intervalMs: 0, repeat: false };

/** A temporary folder with files; a number is a picture of that width. */
function folderOf(files: Record<string, number | string>): TempFolder {
  const folder = new TempFolder();
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === "string") folder.write(name, content);
    else {
      const rgb = new Uint8Array(content * 3).fill(content);
      folder.write(name, encodePng({ width: content, height: 1, rgb }));
    }
  }
  return folder;
}

/** The widths of the frames, up to `count` of them. */
async function widths(camera: Camera, count = Infinity, signal = never): Promise<number[]> {
  const found: number[] = [];
  for await (const { width } of camera.frames({ signal })) if (found.push(width) >= count) break;
  return found;
}

Deno.test("a picture is one frame, bit for bit", async () => {
  using folder = folderOf({ "a.png": 3 });
  const camera = pictureCamera(`${folder.path}/a.png`, ONCE);
  const [frame, ...more] = await Array.fromAsync(camera.frames({ signal: never }));
  assert.deepEqual(more, []);
  assert.deepEqual([frame.width, frame.height], [3, 1]);
  assert.deepEqual(frame.pixels, { kind: "rgb24", rgb: new Uint8Array(9).fill(3) });
});

Deno.test("a folder is shown in the order of its names, with links and without other files", async () => {
  using folder = folderOf({ "b.png": 2, "a.PNG": 1, "notes.txt": "x", ".c.png.swp": "x" });
  Deno.symlinkSync(`${folder.path}/b.png`, `${folder.path}/c.png`);
  Deno.mkdirSync(`${folder.path}/d.png`);
  assert.deepEqual(await widths(pictureCamera(folder.path, ONCE)), [1, 2, 2]);
});

Deno.test("with `repeat` the pictures restart until the abort", async () => {
  using folder = folderOf({ "a.png": 1, "b.png": 2 });
  const camera = pictureCamera(folder.path, { intervalMs: 1, repeat: true });
  assert.deepEqual(await widths(camera, 5), [1, 2, 1, 2, 1]);
  const stop = new AbortController();
  let frames = 0;
  for await (const _ of camera.frames(stop)) if (++frames === 3) stop.abort();
  assert.equal(frames, 3);
});

Deno.test("an unreadable picture in a folder is reported and skipped", async () => {
  using folder = folderOf({ "a.png": 1, "b.png": "\x89PNG\r\n\x1a\n", "c.png": 3 });
  Deno.symlinkSync(`${folder.path}/gone`, `${folder.path}/d.png`);
  Deno.writeFileSync(`${folder.path}/b.png`, Deno.readFileSync(`${folder.path}/c.png`).subarray(0, 40));
  const unreadable: string[] = [];
  const camera = pictureCamera(folder.path, {
    ...ONCE,
    onUnreadable: (name, reason) => unreadable.push(`${name.slice(-5)}: ${reason}`),
  });
  assert.deepEqual(await widths(camera), [1, 3]);
  assert.equal(unreadable.length, 2);
  assert.match(unreadable[0], /^b\.png: .* is no picture: truncated PNG$/);
  assert.match(unreadable[1], /^d\.png: cannot read .*No such file or directory/);
});

Deno.test("a folder without a readable picture is a FatalError, not an endless loop", async () => {
  using empty = folderOf({ "notes.txt": "x" });
  const again = { intervalMs: 0, repeat: true };
  await assert.rejects(widths(pictureCamera(empty.path, again)), /no pictures in the folder/);
  using broken = folderOf({});
  Deno.symlinkSync(`${broken.path}/gone`, `${broken.path}/a.png`);
  await assert.rejects(widths(pictureCamera(broken.path, again)), /no readable picture in the folder/);
});

Deno.test("a folder whose pictures disappear is a FatalError, not an endless loop", async () => {
  using folder = folderOf({ "a.png": 1 });
  const camera = pictureCamera(folder.path, { intervalMs: 0, repeat: true });
  const watch = async () => {
    for await (const _ of camera.frames({ signal: never })) {
      await Deno.remove(`${folder.path}/a.png`).catch(() => {});
    }
  };
  await assert.rejects(watch(), /no pictures in the folder/);
});

Deno.test("a damaged or missing single picture is a FatalError", async () => {
  using folder = folderOf({ "a.png": 2 });
  const path = `${folder.path}/a.png`;
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, bytes.with(50, bytes[50] ^ 1));
  const isFailure = (pattern: RegExp) => (error: Error) =>
    error instanceof FatalError && pattern.test(error.message);
  await assert.rejects(widths(pictureCamera(path, ONCE)), isFailure(/a\.png" is no picture: damaged PNG/));
  Deno.removeSync(path);
  await assert.rejects(widths(pictureCamera(path, ONCE)), isFailure(/cannot read ".*a\.png": No such file/));
});

Deno.test("isPictureName() goes by the extension", () => {
  for (const name of ["a.png", "a.JPG", "a.jpeg", "x/y.bmp", "a.webp", "a.jfif", "a.TIF", "a.gif"]) {
    assert.ok(isPictureName(name), name);
  }
  for (const name of ["a.mp4", "png", "a.png.txt", ""]) assert.ok(!isPictureName(name), name);
});
