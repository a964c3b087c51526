/** Frames that the decoder makes smaller, and their whole pictures. */
import assert from "node:assert/strict";
import { FfmpegWrapper } from "../../test/servers/ffmpeg_wrapper.ts";
import { brightnessOf, FLAT, makeJpegs, PATTERN, withOrientation } from "../../test/servers/jpegs.ts";
import { showing } from "../../test/servers/mjpeg_camera.ts";
import { needs } from "../../test/needs.ts";
import type { Frame, Reduction } from "../image/frame.ts";
import { pictures, pictureText, read } from "../testing/read_camera.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { Demand } from "./demand.ts";
import type { SourceOptions } from "./open_camera.ts";

const part = needs("ffmpeg");

/** The first frames of a camera that may be smaller by `reduction`. */
async function smallFrames(
  url: string,
  count: number,
  { reduction, ...options }: Partial<SourceOptions> & { readonly reduction: Reduction },
): Promise<Frame[]> {
  const frames: Frame[] = [];
  await read(url, (frame) => frames.push({ ...frame, pixels: structuredClone(frame.pixels) }) >= count, {
    ...options,
    demand: new Demand({ reduction }),
  });
  return frames;
}

const decode = (frame: Frame) => frame.whole!.decode({ signal: new AbortController().signal });

const CASES = [
  { reduction: 2, rotate: 0, size: [49, 25] },
  { reduction: 4, rotate: 90, size: [13, 25] },
] as const;

for (const { reduction, rotate, size } of CASES) {
  Deno.test(
    `frames that are ${reduction} times smaller have their whole pictures, rotated by ${rotate}`,
    part,
    async () => {
      const jpegs = await makeJpegs(PATTERN, { count: 3, size: "98x50", format: "yuvj422p" });
      await using camera = showing(jpegs);
      const expected = await pictures(camera.url, 3, { rotate, idleRate: 0 });
      const frames = await smallFrames(camera.url, 6, { reduction, rotate });
      const found = new Set<string>();
      for (const frame of frames) {
        assert.deepEqual([frame.width, frame.height], size);
        const whole = (await decode(frame))!;
        assert.deepEqual([frame.whole!.width, frame.whole!.height, frame.whole!.reduction], [
          whole.width,
          whole.height,
          reduction,
        ]);
        found.add(pictureText(whole));
      }
      assert.deepEqual(Array.from(found).sort(), expected, "bit for bit");
    },
  );
}

for (const rotate of [0, 90, 180, 270] as const) {
  Deno.test(
    `each pixel of a smaller frame is at its place in the whole picture, rotated by ${rotate}`,
    part,
    async () => {
      const reduction = 4;
      await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "98x50" }));
      const [frame] = await smallFrames(camera.url, 1, { reduction, rotate });
      const { origin = { x: 0, y: 0 }, width, height } = frame.whole!;
      const { pixels: large } = (await decode(frame))!;
      assert.ok(frame.pixels.kind === "yuv420" && large.kind === "yuv420");
      assert.ok(origin.x === 0 || origin.x === width - frame.width * reduction);
      assert.ok(origin.y === 0 || origin.y === height - frame.height * reduction);
      const differences: number[] = [];
      for (let y = 1; y < frame.height - 1; y++) {
        for (let x = 1; x < frame.width - 1; x++) {
          let sum = 0;
          for (let line = 0; line < reduction; line++) {
            const at = (y * reduction + origin.y + line) * width + x * reduction + origin.x;
            sum += large.y.subarray(at, at + reduction).reduce((sum, luma) => sum + luma, 0);
          }
          differences.push(Math.abs(frame.pixels.y[y * frame.width + x] - sum / reduction ** 2));
        }
      }
      const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
      assert.ok(mean < 6, `${mean} of 255`);
    },
  );
}

Deno.test("the whole picture is that of its own frame", part, async () => {
  await using camera = showing(await makeJpegs(FLAT, { count: 9, size: "64x48" }));
  for (const frame of await smallFrames(camera.url, 9, { reduction: 4 })) {
    const [small, whole] = [frame, (await decode(frame))!].map(({ pixels }) =>
      pixels.kind === "yuv420" ? pixels.y[0] : -1
    );
    assert.ok(Math.abs(small - whole) <= 2, `${small} and ${whole}`);
    assert.ok(
      Array.from({ length: 9 }, (_, n) => brightnessOf(n)).some((value) => Math.abs(value - whole) <= 2),
    );
  }
});

Deno.test("frames that a filter scales are not smaller, and have no other picture", part, async () => {
  await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "96x64" }));
  const [frame] = await smallFrames(camera.url, 1, { reduction: 2, size: { width: 48, height: 32 } });
  assert.deepEqual([frame.width, frame.height, frame.whole], [48, 32, undefined]);
});

for (const orientation of [6, 8]) {
  Deno.test(
    `frames that ffmpeg rotates by their EXIF data are not smaller: orientation ${orientation}`,
    part,
    async () => {
      const jpegs = await makeJpegs(PATTERN, { count: 2, size: "96x64" });
      await using camera = showing(jpegs.map((jpeg) => withOrientation(jpeg, orientation)));
      const expected = await pictures(camera.url, 2, { idleRate: 0 });
      let isRotated = false; // Not by ffmpeg 3.4 and 4.2.
      await read(camera.url, ({ width }) => {
        isRotated = width === 64;
        return true;
      }, { idleRate: 0 });
      const found = new Set<string>();
      for (const frame of await smallFrames(camera.url, 6, { reduction: 2 })) {
        const { width, height, whole } = frame;
        assert.deepEqual([width, height, !whole], isRotated ? [64, 96, true] : [48, 32, false]);
        found.add(pictureText(whole ? (await decode(frame))! : frame));
      }
      assert.deepEqual(Array.from(found).sort(), expected, "bit for bit");
    },
  );
}

Deno.test("an ffmpeg that cannot make frames smaller gives whole frames", part, async () => {
  const refuse =
    `case " $* " in *" -lowres "*) echo "[fatal] Unrecognized option 'lowres'." >&2; exit 1 ;; esac`;
  using ffmpeg = new FfmpegWrapper({ decoder: refuse });
  await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "96x64" }));
  let frame: Frame | undefined;
  const { decoders } = await read(camera.url, (next) => (frame ??= next) !== undefined, {
    demand: new Demand({ reduction: 2 }),
  });
  assert.deepEqual([frame?.width, frame?.height, frame?.whole], [96, 64, undefined]);
  assert.equal(ffmpeg.runs("decoder").length, 2);
  assert.match(`${decoders[0]}`, /lowres/);
  assert.equal(decoders[1], undefined);
});

Deno.test(
  "after smaller frames a decoder that is killed before its first one is repeated",
  part,
  async () => {
    using folder = new TempFolder();
    const once = folder.at("once");
    using ffmpeg = new FfmpegWrapper({ decoder: `if rm '${once}' 2>/dev/null; then kill -9 $$; fi` });
    await using camera = showing(await makeJpegs(PATTERN, { count: 1, size: "96x64" }));
    let frames = 0;
    const widths = new Set<number>();
    const { decoders } = await read(camera.url, ({ width }) => {
      widths.add(width);
      if (++frames === 3) {
        folder.write("once", "");
        Deno.kill(ffmpeg.runs("decoder")[0].pid, "SIGKILL");
      }
      return ffmpeg.runs("decoder").length === 3;
    }, { demand: new Demand({ reduction: 2 }) });
    assert.deepEqual([widths.size, widths.has(48)], [1, true]);
    assert.deepEqual(decoders.map((fault) => fault?.slice(0, 7)), [
      undefined,
      "SIGKILL",
      "SIGKILL",
      undefined,
    ]);
  },
);

Deno.test("JPEGs that ffmpeg decodes only at their full size give whole frames", part, async () => {
  const lossless = await makeJpegs(PATTERN, { count: 1, size: "96x64", encoder: ["-c:v", "ljpeg"] });
  await using camera = showing(lossless);
  const [frame] = await smallFrames(camera.url, 1, { reduction: 2, stallMs: 3_000 });
  assert.deepEqual([frame.width, frame.height, frame.whole], [96, 64, undefined]);
});
