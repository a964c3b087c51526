/**
 * Whether two looks may be one person's. The limits were measured on pairs of people and of one person
 * (docs/decisions/2026-11-26-looks.md); they are fixed, and do not depend on the time between two detections.
 */
import type { Looks } from "./looks.ts";

/** Distances that 95 % of one person's pairs stay below. Each distance is divided by its own. */
const CLOTHES_SPREAD = 0.43;
const HEAD_SPREAD = 0.226;
const FACE_SPREAD = 0.672;

/** Limits of the mean of those quotients: for clothes and head, head and face, and pictures without colours. */
const MAX_CLOTHES_AND_HEAD = 0.85;
const MAX_HEAD_AND_FACE = 0.72;
const MAX_WITHOUT_COLOUR = 0.48;

/** Weight of the newest look in a visit's running mean. */
const NEWEST_WEIGHT = 0.2;

/** How far two looks differ: up to 1 they may be one person's, above it they are two people's. */
export function difference(some: Looks, other: Looks): number {
  const head = hellinger(some.head, other.head) / HEAD_SPREAD;
  const clothes = some.clothes && other.clothes
    ? hellinger(some.clothes, other.clothes) / CLOTHES_SPREAD
    : undefined;
  if (!some.hasColour || !other.hasColour) {
    const face = faceDistance(some.face, other.face);
    return (clothes === undefined ? (head + face) / 2 : (clothes + head + face) / 3) / MAX_WITHOUT_COLOUR;
  }
  if (clothes !== undefined) return (clothes + head) / 2 / MAX_CLOTHES_AND_HEAD;
  return (head + faceDistance(some.face, other.face)) / 2 / MAX_HEAD_AND_FACE;
}

/** The looks of a visit so far: the last one, and a running mean of the shares. */
export class VisitLooks {
  #last: Looks;
  #mean: Looks;

  constructor(first: Looks) {
    this.#last = first;
    this.#mean = first;
  }

  /** The difference from the nearer of the two. */
  differenceFrom(looks: Looks): number {
    const fromLast = difference(this.#last, looks);
    return this.#mean === this.#last ? fromLast : Math.min(fromLast, difference(this.#mean, looks));
  }

  update(looks: Looks): void {
    const { head, clothes } = this.#mean;
    const mixed = clothes && looks.clothes ? mix(clothes, looks.clothes) : looks.clothes ?? clothes;
    this.#mean = { ...looks, head: mix(head, looks.head), ...mixed && { clothes: mixed } };
    this.#last = looks;
  }
}

function mix(old: Float32Array, newest: Float32Array): Float32Array {
  return old.map((value, at) => value + NEWEST_WEIGHT * (newest[at] - value));
}

/** The distance of two distributions (Hellinger), 0..1. */
function hellinger(p: Float32Array, q: Float32Array): number {
  let both = 0;
  for (let at = 0; at < p.length; at++) both += Math.sqrt(p[at] * q[at]);
  return Math.sqrt(Math.max(0, 1 - both));
}

/** 1 minus the correlation of two faces, in units of its spread; it does not depend on brightness and contrast. */
function faceDistance(some: Float32Array, other: Float32Array): number {
  let both = 0;
  for (let at = 0; at < some.length; at++) both += some[at] * other[at];
  return (1 - both) / FACE_SPREAD;
}
