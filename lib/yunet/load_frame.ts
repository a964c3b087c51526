/** Copies a tile of a frame into the kernel's memory, at the tile's scale. */
import type { SearchPlane, Size } from "../image/frame.ts";
import type { Kernel } from "./kernel_module.ts";
import type { Plan } from "./plan.ts";
import type { Tile } from "./tiles.ts";

/** Bytes behind a row that the kernel may read or write while it halves. */
const ROW_SLACK = 32;

/** The size of a tile at its scale; odd sizes round up. */
export function sizeOf({ width, height, halvings }: Tile): Size {
  return { width: Math.ceil(width / 2 ** halvings), height: Math.ceil(height / 2 ** halvings) };
}

/**
 * Bytes for rows of a plane whose halved row has `width` pixels. As many rows as make one are halved together, from one
 * half of this memory to the other and back.
 */
export function scratchBytes(width: number, halvings: number): number {
  return halvings === 0 ? 0 : 2 * 2 ** halvings * scratchRowBytes(width, halvings);
}

function scratchRowBytes(width: number, halvings: number): number {
  return width * 2 ** halvings + ROW_SLACK;
}

/** Copies luma and chroma. The tile's x and y are even. */
export function loadTile(kernel: Kernel, plan: Plan, frame: SearchPlane, tile: Tile): void {
  loadPart(kernel, plan, 0, frame.gray, frame.width, tile);
  if (!frame.chroma) return;
  const half = (pixels: number) => Math.ceil(pixels / 2);
  const part = {
    ...tile,
    x: tile.x / 2,
    y: tile.y / 2,
    width: half(tile.width),
    height: half(tile.height),
  };
  loadPart(kernel, plan, 1, frame.chroma.u, half(frame.width), part);
  loadPart(kernel, plan, 2, frame.chroma.v, half(frame.width), part);
}

function loadPart(
  kernel: Kernel,
  plan: Plan,
  nth: number,
  from: Uint8Array,
  rowLength: number,
  part: Tile,
): void {
  const { x, y, width, height, halvings } = part;
  const to = plan.planes[nth];
  if (halvings > 0) return loadHalved(kernel, plan.scratch, to, from, rowLength, part);
  if (width === rowLength) return to.set(from.subarray(y * width, (y + height) * width));
  for (let row = 0; row < height; row++) {
    const at = (y + row) * rowLength + x;
    to.set(from.subarray(at, at + width), row * width);
  }
}

function loadHalved(
  kernel: Kernel,
  scratch: Uint8Array<ArrayBuffer>,
  to: Uint8Array<ArrayBuffer>,
  from: Uint8Array,
  rowLength: number,
  part: Tile,
): void {
  const { x, y, width, height, halvings } = part;
  const target = sizeOf(part);
  const band = 2 ** halvings;
  const rowBytes = scratchRowBytes(target.width, halvings);
  const addresses = [scratch.byteOffset, scratch.byteOffset + band * rowBytes];
  for (let row = 0; row < target.height; row++) {
    const rows = Math.min(band, height - row * band);
    for (let nth = 0; nth < rows; nth++) {
      const at = (y + row * band + nth) * rowLength + x;
      scratch.set(from.subarray(at, at + width), nth * rowBytes);
    }
    for (let time = 0; time < halvings; time++) {
      const [columns, lines] = [width, rows].map((pixels) => Math.ceil(pixels / 2 ** time));
      const end = time === halvings - 1 ? to.byteOffset + row * target.width : addresses[(time + 1) % 2];
      kernel.halveRows(addresses[time % 2], rowBytes, columns, lines, end, rowBytes);
    }
  }
}
