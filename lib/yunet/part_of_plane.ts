/** Cuts a part of a plane and halves it, with its chroma. */
import type { SearchPlane, Size } from "../image/frame.ts";
import type { Tile } from "./tiles.ts";

/** A tile of a plane at the tile's scale; copies, unless it is the whole plane. The tile's x and y are even. */
export function partOf(plane: SearchPlane, { x, y, halvings, ...size }: Tile): SearchPlane {
  const { width, height, gray, chroma, ...rest } = plane;
  if (halvings === 0 && size.width === width && size.height === height) return plane;
  const scale = (from: Uint8Array, whole: Size, at: { x: number; y: number }, part: Size) => {
    let pixels = { data: cut(from, whole.width, { ...at, ...part }), ...part };
    for (let time = 0; time < halvings; time++) pixels = halved(pixels);
    return pixels;
  };
  const { data, ...scaled } = scale(gray, plane, { x, y }, size);
  if (!chroma) return { ...rest, ...scaled, gray: data };
  const [half, part] = [halfOf(plane), halfOf(size)];
  const chromaOf = (from: Uint8Array) => scale(from, half, { x: x / 2, y: y / 2 }, part).data;
  return {
    ...rest,
    ...scaled,
    gray: data,
    chroma: { ...chroma, u: chromaOf(chroma.u), v: chromaOf(chroma.v) },
  };
}

function halfOf({ width, height }: Size): Size {
  return { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
}

function cut(
  from: Uint8Array,
  rowLength: number,
  { x, y, width, height }: { x: number; y: number } & Size,
): Uint8Array {
  const to = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const at = (y + row) * rowLength + x;
    to.set(from.subarray(at, at + width), row * width);
  }
  return to;
}

/** Means of 2x2 pixels. The last row and column of an odd size count twice. */
function halved({ data, width, height }: { data: Uint8Array } & Size): { data: Uint8Array } & Size {
  const half = halfOf({ width, height });
  const to = new Uint8Array(half.width * half.height);
  for (let y = 0, at = 0; y < half.height; y++) {
    const above = 2 * y * width;
    const below = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < half.width; x++, at++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
      to[at] = (data[above + left] + data[above + right] + data[below + left] + data[below + right] + 2) >> 2;
    }
  }
  return { data: to, ...half };
}
