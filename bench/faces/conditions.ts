/** The conditions under which bench:faces looks for the faces of portraits. */
import type { Cover } from "./covers.ts";

export interface Condition {
  /** For the last line of the output. */
  readonly key: string;
  readonly label: string;
  /** Degrees, to either side; without it up to 5. */
  readonly tilt?: number;
  /** Width of the face in pixels; without it 48 to 80. */
  readonly facePx?: number;
  /** Factor of all samples; the sensor's noise then has a standard deviation of DARK_NOISE. */
  readonly light?: number;
  /** Standard deviation of noise, steps of 256. */
  readonly noise?: number;
  /** Box filter as a share of the face's width, see Exposure. */
  readonly blur?: number;
  readonly cover?: Cover;
  /** The left or right edge of the frame cuts the face in half. */
  readonly cut?: true;
  readonly gray?: true;
}

/** Noise of a sensor in the dark, and in good light. */
export const DARK_NOISE = 2;
export const LIGHT_NOISE = 1;

export const CONDITIONS: readonly Condition[] = [
  { key: "bare", label: "upright, 48 to 80 px" },
  { key: "gray", label: "the same, gray camera", gray: true },
  ...[20, 30, 45].map((tilt) => ({ key: `tilt_${tilt}`, label: `tilted by ${tilt} degrees`, tilt })),
  ...[16, 20, 24, 30, 40, 60].map((facePx) => ({ key: `px_${facePx}`, label: `${facePx} px wide`, facePx })),
  ...[0.25, 0.12, 0.06].map((light) => ({ key: `dark_${light}`, label: `dark, x${light}`, light })),
  { key: "noise", label: "noise of 20 steps", noise: 20 },
  { key: "blur", label: "out of focus", blur: 1 / 16 },
  { key: "mask", label: "surgical mask", cover: "mask" },
  { key: "sunglasses", label: "dark sunglasses", cover: "sunglasses" },
  { key: "scarf", label: "scarf over the lower 45 %", cover: "scarf" },
  { key: "cut", label: "cut in half by the frame's edge", cut: true },
  { key: "tilt_20_px_30", label: "tilted by 20 degrees, 30 px", tilt: 20, facePx: 30 },
  { key: "dark_0.25_sunglasses", label: "dark, x0.25, sunglasses", light: 0.25, cover: "sunglasses" },
];
