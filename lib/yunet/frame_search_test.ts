/** Frames of any size: far and near faces, tiles, scales, regions, and the limits of size. */
import assert from "node:assert/strict";
import { chromaOf } from "../image/chroma.ts";
import { type Box, grayPlane, type SearchPlane, type Size } from "../image/frame.ts";
import type { Picture } from "../image/crop.ts";
import { decodePng } from "../image/png.ts";
import { inFullSuite } from "../testing/skip.ts";
import { FrameSearch } from "./frame_search.ts";
import { halvingsOf, tilesOf } from "./tiles.ts";
import { YUNET_DEFAULTS, type YuNetSettings } from "./yunet_settings.ts";

const PICTURE = decodePng(await Deno.readFile(new URL("../camera/sample/astronaut.png", import.meta.url)));
/** Where the network finds the face of the picture. */
const FACE: Box = { x: 178, y: 63, width: 90, height: 113 };
const DEFAULTS: YuNetSettings = { ...YUNET_DEFAULTS, minSize: 0, maxSize: 0 };

/** Frames with a face of a given width in a given place, in front of gray. */
function frameWith(size: Size, faces: readonly { width: number; x: number; y: number }[]): SearchPlane {
  const rgb = new Uint8Array(size.width * size.height * 3).fill(110);
  for (const face of faces) paint({ ...size, rgb }, face);
  return planeOf({ ...size, rgb });
}

function planeOf(picture: Picture): SearchPlane {
  const pixels = { kind: "rgb24", rgb: picture.rgb } as const;
  const { width, height } = picture;
  const gray = grayPlane({ width, height, pixels, capturedMs: 0, sourceTimeMs: 0 });
  return { gray, width, height, chroma: chromaOf(pixels, picture) };
}

/** Paints the portrait, each pixel the mean of a square of the picture. */
function paint({ width, height, rgb }: Picture, face: { width: number; x: number; y: number }): void {
  const scale = FACE.width / face.width;
  const samples = Math.max(1, Math.round(scale));
  const sourceAt = (value: number, from: number, at: number) => Math.floor(from + (value - at) * scale);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const sums = [0, 0, 0];
      let count = 0;
      for (let part = 0; part < samples ** 2; part++) {
        const column = sourceAt(x + (part % samples + 0.5) / samples, FACE.x, face.x);
        const row = sourceAt(y + (Math.floor(part / samples) + 0.5) / samples, FACE.y, face.y);
        if (column < 0 || row < 0 || column >= PICTURE.width || row >= PICTURE.height) continue;
        const from = (row * PICTURE.width + column) * 3;
        for (let channel = 0; channel < 3; channel++) sums[channel] += PICTURE.rgb[from + channel];
        count++;
      }
      if (count > 0) sums.forEach((sum, channel) => rgb[at + channel] = Math.round(sum / count));
    }
  }
}

/** Whether a box is about the painted face: its middle and its width within an eighth of the width. */
function isFace(box: Box, face: { width: number; x: number; y: number }): boolean {
  const expected = [face.x + face.width / 2, face.y + face.width * FACE.height / FACE.width / 2, face.width];
  const found = [box.x + box.width / 2, box.y + box.height / 2, box.width];
  return expected.every((value, nth) => Math.abs(value - found[nth]) <= Math.max(3, face.width / 8));
}

function search(settings: Partial<YuNetSettings> = {}): FrameSearch {
  return new FrameSearch({ ...DEFAULTS, ...settings });
}

const HD: Size = { width: 1920, height: 1080 };

Deno.test("a frame of 1080p loses neither far nor near faces", inFullSuite(), () => {
  const detector = search();
  for (const width of [20, 24, 48, 100, 150, 250, 400, 600, 800]) {
    const face = { width, x: 960 - Math.round(width / 2), y: Math.round(540 - width * 0.63) };
    const found = detector.detect(frameWith(HD, [face]), "all");
    assert.equal(found.length, 1, `${width} px: ${JSON.stringify(found)}`);
    assert.ok(isFace(found[0], face), `${width} px: ${JSON.stringify(found)}`);
    assert.equal(found[0].landmarks.length, 5);
    const [right, left] = found[0].landmarks;
    assert.ok(right.x < left.x && right.x > found[0].x && left.x < found[0].x + found[0].width);
  }
});

Deno.test("a face on the edge between two tiles is found once", inFullSuite(), () => {
  const detector = search();
  const [first, second] = tilesOf(HD, DEFAULTS);
  for (const width of [40, 90]) {
    for (const x of [second.x - 60, second.x - 10, first.width - 60, first.width - 10]) {
      const face = { width, x, y: 400 };
      const found = detector.detect(frameWith(HD, [face]), "all");
      assert.ok(found.length === 1 && isFace(found[0], face), `${width} at ${x}: ${JSON.stringify(found)}`);
    }
  }
});

Deno.test("tiles cover the frame, overlap, and have a limited size, whatever the frame", () => {
  for (const width of [16, 639, 641, 1089, 1921, 4096, 16_384]) {
    for (const height of [16, 480, 481, 1090, 2160, 2048]) {
      for (const inputScale of ["1", "1/2"] as const) {
        const scale = inputScale === "1" ? 1 : 2;
        const tiles = tilesOf({ width, height }, { inputScale, minSize: 0 });
        const fine = tiles.filter(({ halvings }) => 2 ** halvings === scale);
        for (const tile of tiles) {
          assert.ok(tile.x % 2 === 0 && tile.y % 2 === 0 && tile.width > 0 && tile.height > 0);
          assert.ok(tile.x + tile.width <= width && tile.y + tile.height <= height);
          assert.ok(tile.width * tile.height <= 1088 ** 2 * 4 ** tile.halvings);
        }
        const coarser = tiles.find(({ halvings }) => 2 ** halvings > scale);
        const overlap = coarser && fine.length > 1 ? 48 * 2 ** coarser.halvings : 0;
        for (const [begin, length, all] of [["x", "width", width], ["y", "height", height]] as const) {
          const spans = [...new Set(fine.map((tile) => `${tile[begin]} ${tile[length]}`))]
            .map((text) => text.split(" ").map(Number)).sort((a, b) => a[0] - b[0]);
          assert.equal(spans[0][0], 0);
          const [last, side] = spans.at(-1)!;
          assert.equal(last + side, all);
          for (let nth = 1; nth < spans.length; nth++) {
            assert.ok(spans[nth][0] + overlap <= spans[nth - 1][0] + spans[nth - 1][1], `${width}x${height}`);
          }
        }
      }
    }
  }
});

Deno.test("auto is the smallest scale that still finds --min-size", () => {
  const scales = [0, 24, 47, 48, 95, 96].map((minSize) => halvingsOf({ inputScale: "auto", minSize }));
  assert.deepEqual(scales, [0, 0, 0, 1, 1, 2]);
  assert.equal(halvingsOf({ inputScale: "1", minSize: 96 }), 0);
  const face = { width: 52, x: 200, y: 200 };
  const plane = frameWith({ width: 640, height: 480 }, [face]);
  const [found, ...others] = search({ minSize: 48 }).detect(plane, "all");
  assert.deepEqual(others, []);
  assert.ok(isFace(found, face));
  assert.deepEqual([found], search({ inputScale: "1/2" }).detect(plane, "all"));
});

Deno.test("faces outside --min-size, --max-size and --min-score are no detections", () => {
  const plane = frameWith({ width: 640, height: 480 }, [{ width: 90, x: 150, y: 150 }]);
  const count = (settings: Partial<YuNetSettings>) => search(settings).detect(plane, "all").length;
  assert.equal(count({}), 1);
  assert.equal(count({ minSize: 80, inputScale: "1" }), 1);
  assert.equal(count({ minSize: 100, inputScale: "1" }), 0);
  assert.equal(count({ maxSize: 130 }), 1);
  assert.equal(count({ maxSize: 100 }), 0);
  assert.equal(count({ minScore: 0.99 }), 0);
});

Deno.test("a region has the faces inside it, where the whole frame has them", () => {
  const faces = [{ width: 40, x: 101, y: 87 }, { width: 60, x: 411, y: 211 }];
  // The portraits' backgrounds overlap, so each face has its own frame.
  for (const face of faces) {
    const plane = frameWith({ width: 641, height: 479 }, [face]);
    const [whole] = search().detect(plane, "all");
    const around = { x: face.x - 21, y: face.y - 23, width: face.width + 45, height: face.width + 61 };
    const elsewhere = { x: 551, y: 3, width: 89, height: 99 };
    const [found, ...others] = search().detect(plane, [elsewhere, around]);
    assert.deepEqual(others, []);
    for (const side of ["x", "y", "width", "height"] as const) {
      assert.ok(Math.abs(found[side] - whole[side]) <= 4, `${side}: ${found[side]}, ${whole[side]}`);
    }
    const cut = { ...around, x: face.x + 10 };
    assert.deepEqual(search().detect(plane, [cut]), [], "a face that reaches beyond the region");
  }
});

Deno.test("a face of a gray camera is found, with luma in full and in limited range", () => {
  const { chroma: _, ...gray } = frameWith({ width: 640, height: 480 }, [{ width: 90, x: 150, y: 150 }]);
  const limited = gray.gray.map((value) => 16 + Math.round(value * 219 / 255));
  const [full] = search().detect(gray, "all");
  const [other] = search().detect({ ...gray, gray: limited, limitedRange: true }, "all");
  assert.ok(full && other && Math.abs(full.x - other.x) <= 1 && Math.abs(full.score - other.score) < 0.02);
});
