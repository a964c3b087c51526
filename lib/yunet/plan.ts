/** Lays out the kernel's memory for frames of one size and format (README.md draws it). */
import type { Size } from "../image/frame.ts";
import { BumpAllocator, growMemory } from "../wasm_memory.ts";
import { type FirstLayer, firstLayer, type Format } from "./first_layer.ts";
import type { Kernel } from "./kernel_module.ts";
import {
  MARGIN_BYTES,
  RING_EXTRA,
  ROW_EXTRA,
  ROW_SLACK_BYTES,
  SLACK_BYTES,
  SOURCE_BYTES,
  TAP_BYTES,
  UNIT_BYTES,
} from "./layout.ts";
import { scratchBytes } from "./load_frame.ts";
import {
  FIRST_HEAD,
  FIRST_OUTPUTS,
  FRAME_MULTIPLE,
  HEAD_OUTPUTS,
  outputBlock,
  SPARSE_BLOCK,
  STRIDES,
  UNITS,
} from "./network.ts";
import type { Weights } from "./weights.ts";

/** The numbers of a head's cells: those of cell (x, y) are at `quad(n / 4, x, y) + n % 4`. */
export interface Head {
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
  /** Index of the first of four numbers of a cell. */
  quad(group: number, x: number, y: number): number;
  readonly values: Float32Array<ArrayBuffer>;
}

/** A planned network. */
export interface Plan extends Size {
  readonly format: Format;
  /** Where the frame's planes go. RGB is one plane. */
  readonly planes: readonly Uint8Array<ArrayBuffer>[];
  /** Rows of a larger frame while they are halved. */
  readonly scratch: Uint8Array<ArrayBuffer>;
  readonly halvings: number;
  readonly heads: readonly Head[];
}

/** For each unit the index of the unit that its rows are pushed to; -1: none. */
const NEXT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 15, 14, -1, -1, -1];
/** Units whose output is halved for the next one. */
const POOLED = new Set([0, 4, 6, 8]);
/** Units whose whole plane is read later. */
const KEPT = new Set([6, 8, 11, 12, 14, 15, 16]);
/** The scale of each unit: its plane is the frame's size divided by this. */
const SCALES = [2, 4, 4, 4, 4, 8, 8, 16, 16, 32, 32, 32, 16, 8, 8, 16, 32];

const HEADS = [14, 15, 16];
/** The largest unit whose input is a sum of two planes. */
const NECK = 13;

/** The size of a frame after it is extended by zeros. */
export function extended({ width, height }: Size): Size {
  const up = (pixels: number) => Math.ceil(pixels / FRAME_MULTIPLE) * FRAME_MULTIPLE;
  return { width: up(width), height: up(height) };
}

/** Weights in the kernel's memory. */
export interface LoadedWeights extends Weights {
  readonly at: number;
  /** The first free byte behind them. */
  readonly end: number;
}

/** Copies the weights into the kernel's memory. */
export function loadInto(kernel: Kernel, weights: Weights): LoadedWeights {
  const room = new BumpAllocator(Number(kernel.firstFree.value));
  const at = room.allocate(weights.values.byteLength);
  growMemory(kernel, room.end);
  new Float32Array(kernel.memory.buffer, at).set(weights.values);
  return { ...weights, at, end: room.end };
}

/** @param size of the network's input: that of the tile after `halvings` */
export function planNetwork(
  kernel: Kernel,
  weights: LoadedWeights,
  format: Format,
  size: Size,
  halvings: number,
): Plan {
  const first = firstLayer(weights.first, format);
  const whole = extended(size);
  const room = new BumpAllocator(weights.end);
  const firstWeights = room.allocate(first.weights.byteLength);
  const units = planUnits(room, weights, whole);
  const sources = planSources(room, first, format, size, whole);
  const firstRow = room.allocate((whole.width / 2 + ROW_EXTRA) * FIRST_OUTPUTS * 4);
  const scratchLength = scratchBytes(size.width, halvings);
  const scratch = room.allocate(scratchLength);
  growMemory(kernel, room.end);
  const buffer = kernel.memory.buffer as ArrayBuffer;
  new Uint8Array(buffer, weights.end, room.end - weights.end).fill(0);
  new Float32Array(buffer, firstWeights).set(first.weights);
  new Int32Array(buffer, units.at).set(units.fields);
  new Int32Array(buffer, sources.at).set(sources.fields);
  new Int32Array(buffer, sources.taps).set(sources.tapFields);
  kernel.setNetwork(units.at, units.zeroRow, units.neckRow);
  kernel.setSources(sources.at, first.sources.length);
  kernel.setTaps(sources.taps, first.taps.length);
  kernel.setFirst(firstWeights, firstRow, whole.width / 2, whole.height / 2);
  return {
    ...size,
    format,
    halvings,
    scratch: new Uint8Array(buffer, scratch, scratchLength),
    planes: sources.planes.map(({ at, bytes }) => new Uint8Array(buffer, at, bytes)),
    heads: HEADS.map((unit, index) => {
      const { at, width, height } = units.planes[unit];
      return headOf(buffer, at, { width, height }, STRIDES[index]);
    }),
  };
}

function headOf(buffer: ArrayBuffer, at: number, { width, height }: Size, stride: number): Head {
  const groupLength = (width + ROW_EXTRA) * 4;
  const rowLength = groupLength * HEAD_OUTPUTS / 4;
  return {
    stride,
    columns: width,
    rows: height,
    quad: (group, x, y) => y * rowLength + group * groupLength + x * 4,
    values: new Float32Array(buffer, at, rowLength * height),
  };
}

function planUnits(room: BumpAllocator, weights: LoadedWeights, whole: Size) {
  const at = room.allocate(UNITS.length * UNIT_BYTES);
  const planes = UNITS.map(({ outputs }, index) => {
    const [width, height] = [whole.width / SCALES[index], whole.height / SCALES[index]];
    const rows = KEPT.has(index) ? height : POOLED.has(index) ? 2 : 1;
    const ring = room.allocate((width + RING_EXTRA) * outputs * 4 * 3);
    const plane = room.allocate((width + ROW_EXTRA) * outputs * 4 * rows);
    const pooled = POOLED.has(index) ? room.allocate((width / 2 + ROW_EXTRA) * outputs * 4) : 0;
    return { at: plane, width, height, rows, ring, pooled };
  });
  const largest = Math.max(...planes.map(({ width }, index) => (width + RING_EXTRA) * UNITS[index].outputs));
  const zeroRow = room.allocate(largest * 4);
  const neckRow = room.allocate((planes[NECK].width / 2 + RING_EXTRA) * UNITS[NECK].outputs * 4);
  const fields = planes.flatMap((plane, index) => {
    const { pointwise, depthwise } = weights.units[index];
    const next = NEXT[index];
    return [
      UNITS[index].inputs,
      UNITS[index].outputs,
      plane.width,
      plane.height,
      weights.at + pointwise * 4,
      weights.at + depthwise * 4,
      plane.ring,
      index < FIRST_HEAD ? 1 : 0,
      plane.at,
      plane.rows,
      next < 0 ? 0 : at + next * UNIT_BYTES,
      plane.pooled,
      0,
      outputBlock(UNITS[index]) === SPARSE_BLOCK ? 1 : 0,
      0,
      0,
    ];
  });
  return { at, planes, zeroRow, neckRow, fields };
}

function planSources(room: BumpAllocator, first: FirstLayer, format: Format, size: Size, whole: Size) {
  const at = room.allocate(first.sources.length * SOURCE_BYTES);
  const taps = room.allocate(first.taps.length * TAP_BYTES);
  const half = whole.width / 2;
  const sources = first.sources.map(({ isHalf, black }, index) => {
    const width = isHalf ? Math.ceil(size.width / 2) : size.width;
    const height = isHalf ? Math.ceil(size.height / 2) : size.height;
    const slotBytes = MARGIN_BYTES + half * (isHalf ? 4 : 8) + ROW_SLACK_BYTES;
    return { index, width, height, black, isHalf, slotBytes, ring: room.allocate(slotBytes * 3) };
  });
  const step = format.isRgb ? 3 : 1;
  const planes = (format.isRgb ? sources.slice(0, 1) : sources).map(({ width, height }) => {
    const bytes = width * height * step;
    return { at: room.allocate(bytes + SLACK_BYTES), bytes };
  });
  const fields = sources.flatMap(({ index, width, height, black, isHalf, ring }) => {
    const pixels = format.isRgb ? planes[0].at + index : planes[index].at;
    const blackBits = new Int32Array(Float32Array.of(black).buffer)[0];
    return [pixels, width, height, step, blackBits, ring, isHalf ? 1 : 0, ...Array(9).fill(0)];
  });
  const tapFields = first.taps.flatMap(({ source, row, column }) => {
    const { isHalf, ring, slotBytes } = sources[source];
    // Of a plane of full size, odd columns come first (kernel/source.ts).
    const value = isHalf ? column : column === 0 ? half : column < 0 ? -1 : 0;
    return [ring + MARGIN_BYTES + value * 4, slotBytes, isHalf ? 1 : 2, row];
  });
  return { at, taps, planes, fields, tapFields };
}
