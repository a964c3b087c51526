/** Single JPEGs, decoded by an ffmpeg that stays. */
import assert from "node:assert/strict";
import { FfmpegWrapper } from "../../test/servers/ffmpeg_wrapper.ts";
import { makeJpegs, PATTERN } from "../../test/servers/jpegs.ts";
import { needs } from "../../test/needs.ts";
import { pictureText } from "../testing/read_camera.ts";
import { until } from "../testing/until.ts";
import { decodePicture } from "./decode_picture.ts";
import { PictureDecoder } from "./picture_decoder.ts";

const part = needs("ffmpeg");
const OPTIONS = { name: "camera", filters: ["transpose=clock"] };
const { signal } = new AbortController();

/** Pictures of one size, and what ffmpeg makes of each by itself. */
async function knownPictures(size: string, count = 3) {
  const [width, height] = size.split("x").map(Number);
  const jpegs = await makeJpegs(PATTERN, { count, size, format: "yuvj422p" });
  return await Promise.all(jpegs.map(async (jpeg) => ({
    packet: { jpeg, size: { width, height } },
    expected: pictureText(await decodePicture("camera", jpeg, { ...OPTIONS, signal })),
  })));
}

Deno.test("pictures of one size share one ffmpeg, also when several wait", part, async () => {
  const known = await knownPictures("98x50");
  using ffmpeg = new FfmpegWrapper();
  {
    await using pictures = new PictureDecoder(OPTIONS);
    const frames = await Promise.all(known.map(({ packet }) => pictures.decode(packet, { signal })));
    assert.deepEqual(frames.map((frame) => pictureText(frame!)), known.map(({ expected }) => expected));
    const [again] = known;
    assert.equal(pictureText((await pictures.decode(again.packet, { signal }))!), again.expected);
    assert.equal(ffmpeg.runs("decoder").length, 1);
  }
  assert.deepEqual(ffmpeg.alive, []);
});

Deno.test("a picture of another size gets another ffmpeg", part, async () => {
  const known = [...await knownPictures("98x50", 1), ...await knownPictures("64x48", 1)];
  using ffmpeg = new FfmpegWrapper();
  await using pictures = new PictureDecoder(OPTIONS);
  for (const { packet, expected } of known) {
    assert.equal(pictureText((await pictures.decode(packet, { signal }))!), expected);
  }
  assert.equal(ffmpeg.runs("decoder").length, 2);
  assert.equal(ffmpeg.alive.length, 1);
});

Deno.test("ffmpeg ends some time after the last picture", part, async () => {
  const [{ packet }] = await knownPictures("64x48", 1);
  using ffmpeg = new FfmpegWrapper();
  await using pictures = new PictureDecoder({ ...OPTIONS, keepMs: 10 });
  assert.ok(await pictures.decode(packet, { signal }));
  await until(() => ffmpeg.alive.length === 0, "ffmpeg ends");
  assert.ok(await pictures.decode(packet, { signal }));
  assert.equal(ffmpeg.runs("decoder").length, 2);
});

Deno.test("an ffmpeg that is killed, or hangs until the caller gives up, is replaced", part, async () => {
  const [{ packet, expected }] = await knownPictures("64x48", 1);
  using ffmpeg = new FfmpegWrapper();
  await using pictures = new PictureDecoder(OPTIONS);
  assert.ok(await pictures.decode(packet, { signal }));
  Deno.kill(ffmpeg.runs("decoder")[0].pid, "SIGKILL");
  assert.equal(await pictures.decode(packet, { signal }), undefined);
  assert.ok(await pictures.decode(packet, { signal }));
  Deno.kill(ffmpeg.runs("decoder")[1].pid, "SIGSTOP");
  assert.equal(await pictures.decode(packet, { signal: AbortSignal.timeout(100) }), undefined);
  assert.equal(pictureText((await pictures.decode(packet, { signal }))!), expected);
  assert.equal(ffmpeg.alive.length, 1);
});

Deno.test("bytes that are no JPEG give no picture, and the next picture is right", part, async () => {
  const [{ packet, expected }] = await knownPictures("64x48", 1);
  const noise = Uint8Array.from({ length: 3_000 }, (_, index) => index * 7 % 251);
  await using pictures = new PictureDecoder(OPTIONS);
  const limited = { signal: AbortSignal.timeout(500) };
  assert.equal(await pictures.decode({ ...packet, jpeg: noise }, limited), undefined);
  assert.equal(pictureText((await pictures.decode(packet, { signal }))!), expected);
});

Deno.test("after its end each picture gets an ffmpeg of its own", part, async () => {
  const [{ packet, expected }] = await knownPictures("64x48", 1);
  using ffmpeg = new FfmpegWrapper();
  const pictures = new PictureDecoder(OPTIONS);
  await pictures[Symbol.asyncDispose]();
  assert.equal(pictureText((await pictures.decode(packet, { signal }))!), expected);
  assert.deepEqual([ffmpeg.runs("decoder").length, ffmpeg.runs("other").length], [0, 1]);
});

Deno.test(
  "a picture that is being decoded at the end is still decoded, and then its ffmpeg ends",
  part,
  async () => {
    const [{ packet, expected }] = await knownPictures("64x48", 1);
    using ffmpeg = new FfmpegWrapper();
    const pictures = new PictureDecoder(OPTIONS);
    const decoding = pictures.decode(packet, { signal });
    await until(() => ffmpeg.runs("decoder").length === 1, "ffmpeg starts");
    await pictures[Symbol.asyncDispose]();
    assert.equal(pictureText((await decoding)!), expected);
    assert.deepEqual(ffmpeg.alive, []);
  },
);

Deno.test("the end waits for an ffmpeg whose time is over, and which hangs", part, async () => {
  const [{ packet }] = await knownPictures("64x48", 1);
  using ffmpeg = new FfmpegWrapper();
  const pictures = new PictureDecoder({ ...OPTIONS, keepMs: 200 });
  assert.ok(await pictures.decode(packet, { signal }));
  const [{ pid }] = ffmpeg.runs("decoder");
  Deno.kill(pid, "SIGSTOP");
  const isSignalled = () => !/^ShdPnd:\s*0+$/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  await until(isSignalled, "ffmpeg gets a signal");
  await pictures[Symbol.asyncDispose]();
  assert.deepEqual(ffmpeg.alive, []);
});
