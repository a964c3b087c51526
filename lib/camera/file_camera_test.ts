/** Files with any name: their bytes decide, and no name makes ffmpeg read another file. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { needs } from "../../test/needs.ts";
import { run } from "../testing/command.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { joinChunks, joined } from "../image/png_chunks.ts";
import { openCamera, type SourceOptions } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";
import { inFullSuite } from "../testing/skip.ts";

const never = new AbortController().signal;

/** A clip or picture of this width, in a format of ffmpeg. */
async function made(width: number, ...format: string[]): Promise<Uint8Array> {
  using folder = new TempFolder();
  const source = `testsrc=size=${width}x48:rate=5:duration=1`;
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, ...format, folder.at("out")]);
  return await Deno.readFile(folder.at("out"));
}
const picture = (width: number, codec: string) =>
  made(width, "-frames:v", "1", "-c:v", codec, "-f", "image2pipe");

/** The widths of a source's frames, and whether they are independent pictures. */
async function shown(source: string, options: Partial<SourceOptions> = {}) {
  const camera = await openCamera(source, { ...ONCE, ...options });
  const widths = (await Array.fromAsync(camera.frames({ signal: never }))).map(({ width }) => width);
  return { stills: camera.stills ?? false, widths };
}

// deno-fmt-ignore
const NAMES = [
  "snap%20door.jpg", "100%d.jpg", "cam 5%03d.jpg", "50%.jpg", "%%.jpg", "12:30:05.jpg", "concat:a.jpg", "-dash.jpg",
  "-", "|", "pipe:", "pipe:0", "data:x", "new\nline.jpg", `quote"'.jpg`, "[0-9]*.jpg", "*.jpg", "~.jpg",
  "~", "x{1,2}.jpg", "a?b.jpg", "noext", "x.jfif", "a.png", "a.txt", "a.mp4", "http:x.jpg", "\\a.jpg", "Tür 👁.jpg",
];

Deno.test("a picture with any name is read", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const [own, other] = [await picture(64, "mjpeg"), await picture(32, "mjpeg")];
  for (const name of ["cam 5001.jpg", "1001.jpg", "5.jpg", "x1.jpg", "aab.jpg"]) folder.write(name, other);
  for (const name of NAMES) {
    const path = folder.write(name, own);
    assert.deepEqual(await shown(path), { stills: true, widths: [64] }, name);
  }
  const url = new URL(`file://${folder.path}/`);
  url.pathname += encodeURIComponent("cam 5%03d.jpg");
  assert.deepEqual(await shown(url.href), { stills: true, widths: [64] });
  await assert.rejects(shown("file://elsewhere/a.jpg"), ConfigError);
  const here = Deno.cwd();
  try {
    Deno.chdir(folder.path);
    for (const name of ["-dash.jpg", "-", "pipe:0", "~"]) {
      assert.deepEqual((await shown(name)).widths, [64], name);
    }
  } finally {
    Deno.chdir(here);
  }
});

Deno.test("a clip with any name is read by its bytes", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const clips = {
    mp4: await made(64, "-c:v", "mpeg4", "-f", "mp4"),
    raw: await made(64, "-c:v", "mpeg4", "-f", "m4v"),
    gif: await made(64, "-f", "gif"),
    avi: await made(64, "-c:v", "mjpeg", "-f", "avi"),
  };
  const other = await picture(32, "mjpeg");
  for (const name of ["cam 5001.jpg", "1001.jpg"]) folder.write(name, other);
  for (const [kind, bytes] of Object.entries(clips)) {
    for (const name of ["door.jpg", "cam 5%03d.jpg", "*.jpg", "12:30:05.mp4", "concat:a", "door"]) {
      const { stills, widths } = await shown(folder.write(name, bytes));
      assert.deepEqual(
        [stills, new Set(widths), widths.length >= 4],
        [false, new Set([64]), true],
        `${kind} ${name}`,
      );
    }
  }
});

Deno.test("pictures of every format are stills, alone and in a folder", needs("ffmpeg"), async () => {
  using folder = new TempFolder();
  const kinds = { png: "png", jpg: "mjpeg", tif: "tiff", bmp: "bmp", gif: "gif", webp: "libwebp" };
  for (const [name, codec] of Object.entries(kinds)) {
    const path = folder.write(`${name} without an extension`, await picture(64, codec));
    assert.deepEqual(await shown(path), { stills: true, widths: [64] }, name);
  }
  folder.write("notes", new TextEncoder().encode("text"));
  folder.write("._a.jpg", new Uint8Array(9));
  const unreadable: string[] = [];
  const { widths } = await shown(folder.path, { onUnreadable: (name) => void unreadable.push(name) });
  assert.equal(widths.length, 6);
  assert.deepEqual(unreadable, []);
});

Deno.test(
  "messages show a name printable and on one line, whatever is wrong with the file",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    const name = "a\n\x1b[31m\u202eb";
    const text = new TextEncoder().encode("text");
    const wrong: Record<string, Uint8Array> = {
      "t.jpg": text,
      "c.jpg": Uint8Array.of(0xff, 0xd8, 0xff), // The reason comes from ffmpeg.
      "z.mp4": new Uint8Array(5_000),
      z: new Uint8Array(5_000),
      "p.png": encodePng({ width: 9, height: 9, rgb: new Uint8Array(243) }).subarray(0, 50),
    };
    const errors: Promise<unknown>[] = [];
    for (const [end, bytes] of Object.entries(wrong)) errors.push(shown(folder.write(name + end, bytes)));
    const path = folder.at(name);
    errors.push(shown(`${path}/missing.jpg`), shown(`${path}${"x".repeat(5_000)}`));
    Deno.mkdirSync(path);
    errors.push(shown(path));
    for (const result of await Promise.allSettled(errors)) {
      assert.equal(result.status, "rejected");
      const { message, hint } = result.reason as FatalError;
      // deno-lint-ignore no-control-regex -- they must not be there
      assert.doesNotMatch(`${message}${hint}`, /[\x00-\x1f\u202e]/);
      assert.ok(message.length < 1_000, "a long name is cut");
    }
  },
);

Deno.test(
  "an animated PNG with a bomb among its texts is refused before ffmpeg reads it",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    const animated = await made(64, "-plays", "0", "-c:v", "apng", "-f", "apng");
    assert.ok((await shown(folder.write("whole.png", animated))).widths.length > 1);
    const data = joined([new TextEncoder().encode("p\0\0"), deflateSync(new Uint8Array(32 * 2 ** 20))]);
    const text = joinChunks([{ type: "zTXt", data }]).subarray(8);
    const bomb = joined([animated.subarray(0, 33), text, animated.subarray(33)]);
    await assert.rejects(shown(folder.write("bomb.png", bomb)), (error: FatalError) => {
      assert.ok(error instanceof FatalError);
      assert.match(error.message, /"[^"]*bomb\.png" is no picture: PNG with more than \d+ bytes of texts/);
      return true;
    });
  },
);

Deno.test("a source without pictures is a FatalError with a remedy", inFullSuite(), async () => {
  using folder = new TempFolder();
  Deno.mkdirSync(`${folder.path}/empty`);
  await run("mkfifo", [folder.at("fifo.png")]);
  const png = encodePng({ width: 9, height: 9, rgb: new Uint8Array(243) });
  const huge = folder.write("huge.png", png);
  await Deno.truncate(huge, 10 * 2 ** 30);
  const cases: [string, RegExp][] = [
    ["empty", /no pictures in the folder/],
    ["fifo.png", /not a regular file/],
    ["huge.png", /larger than 256 MiB/],
    ["zero.png", /it is empty/],
    ["zero.mp4", /it is empty/],
    ["words.jpg", /it holds text/],
    ["words.txt", /it holds text/],
  ];
  for (const name of ["zero.png", "zero.mp4"]) folder.write(name, new Uint8Array(0));
  for (const name of ["words.jpg", "words.txt"]) folder.write(name, new TextEncoder().encode("a text\n"));
  for (const [name, says] of cases) {
    await assert.rejects(shown(`${folder.path}/${name}`), (error: FatalError) => {
      assert.ok(error instanceof FatalError, name);
      assert.match(error.message, says);
      assert.match(error.hint ?? "", /^[a-z]+ /, name);
      return true;
    });
  }
  const unreadable: string[] = [];
  await assert.rejects(
    shown(folder.path, { onUnreadable: (name) => void unreadable.push(name) }),
    FatalError,
  );
  assert.deepEqual(unreadable.map((name) => name.split("/").at(-1)), [
    "fifo.png",
    "huge.png",
    "words.jpg",
    "zero.png",
  ]);
});
