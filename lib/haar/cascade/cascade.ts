/**
 * Reads OpenCV's cascade files into a typed structure. The format is that of OpenCV's `traincascade` ("new format",
 * XML): https://docs.opencv.org/4.x/dc/d88/tutorial_traincascade.html. Numbers that OpenCV keeps as f32 are rounded to
 * f32, so that the boxes are the same to the bit.
 */
import { ConfigError } from "../../errors.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** A rectangle of a feature, in pixels of the window, and the weight of its sum of pixels. */
export interface FeatureRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A whole number of at most MAX_WEIGHT in magnitude: -1, 2, 3, ... */
  readonly weight: number;
}

/** Compares the weighted sum of the rectangles with a threshold. */
export interface Stump {
  readonly rects: readonly FeatureRect[];
  /** In units of the window's standard deviation times its area; f32. */
  readonly threshold: number;
  /** The leaf below the threshold; f32. */
  readonly below: number;
  /** The leaf otherwise; f32. */
  readonly notBelow: number;
}

/** A window is rejected if the leaves of its stumps add up to less than the threshold. */
export interface Stage {
  readonly threshold: number;
  readonly stumps: readonly Stump[];
}

/** A boosted cascade of stumps over upright Haar features. */
export interface Cascade {
  /** Size of the window, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly stages: readonly Stage[];
}

/** Subtracted from every stage's threshold, in f32 (THRESHOLD_EPS in cascadedetect.cpp). */
const THRESHOLD_SLACK = Math.fround(1e-5);

/** Maximum side of a window: the offset of a corner in the patch is an u16 (compile/late_table.ts). */
const MAX_WINDOW_PX = 63;
const MAX_WEIGHT = 16;

/** This character code and all below it are white space. */
const SPACE = 32;

/** Reads a cascade file. Throws a ConfigError if it is no cascade, or one that only OpenCV can run. */
export function parseCascade(bytes: Uint8Array): Cascade {
  const root = readRoot(bytes);
  if (textOf(root, "stageType") !== "BOOST" || textOf(root, "featureType") !== "HAAR") {
    throw unsupported("is not a boosted cascade of Haar features");
  }
  const [width, height] = [wholeOf(root, "width"), wholeOf(root, "height")];
  if (Math.min(width, height) < 4 || Math.max(width, height) > MAX_WINDOW_PX) {
    throw unsupported(`has a window of ${width}x${height} pixels`);
  }
  const features = listOf(root, "features").map((feature) => readFeature(feature, width, height));
  const stages = listOf(root, "stages").map((stage) => readStage(stage, features));
  return { width, height, stages };
}

function readRoot(bytes: Uint8Array): XmlElement {
  let cascade: XmlElement | undefined;
  try {
    const storage = parseXml(new TextDecoder().decode(bytes));
    cascade = storage.children.find((child) => child.children.length > 0);
  } catch {
    throw noCascade();
  }
  if (!cascade) throw noCascade();
  if (cascade.children.some(({ name }) => name === "size")) {
    throw unsupported("is in OpenCV's old format");
  }
  return cascade;
}

function readFeature(feature: XmlElement, width: number, height: number): FeatureRect[] {
  if (feature.children.some(({ name, text }) => name === "tilted" && Number(text) !== 0)) {
    throw unsupported("has tilted features");
  }
  const rects = listOf(feature, "rects").map(({ text }) => {
    const [x, y, w, h, weight] = numbersIn(text, 5);
    const isWhole = Number.isInteger(x) && Number.isInteger(y) && Number.isInteger(w) && Number.isInteger(h);
    const isInside = x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= width && y + h <= height;
    if (!isWhole || !isInside) throw noCascade();
    if (!Number.isInteger(weight) || Math.abs(weight) > MAX_WEIGHT) {
      throw unsupported(`has a feature of weight ${weight}`);
    }
    return { x, y, width: w, height: h, weight };
  });
  if (rects.length < 2 || rects.length > 3) throw noCascade();
  return rects;
}

function readStage(stage: XmlElement, features: readonly FeatureRect[][]): Stage {
  const threshold = Math.fround(Math.fround(Number(textOf(stage, "stageThreshold"))) - THRESHOLD_SLACK);
  if (!Number.isFinite(threshold)) throw noCascade();
  const stumps = listOf(stage, "weakClassifiers").map((weak) => {
    const nodes = numbersOf(textOf(weak, "internalNodes"));
    if (nodes.length > 4) throw unsupported("is made of trees");
    const [_left, _right, feature, nodeThreshold] = countOf(nodes, 4);
    const leaves = numbersIn(textOf(weak, "leafValues"), 2);
    const [below, notBelow] = [Math.fround(leaves[0]), Math.fround(leaves[1])];
    if (!features[feature]) throw noCascade();
    return { rects: features[feature], threshold: Math.fround(nodeThreshold), below, notBelow };
  });
  return { threshold, stumps };
}

function childOf(element: XmlElement, name: string): XmlElement {
  const child = element.children.find((child) => child.name === name);
  if (!child) throw noCascade();
  return child;
}

const textOf = (element: XmlElement, name: string): string => childOf(element, name).text.trim();

function listOf(element: XmlElement, name: string): readonly XmlElement[] {
  const list = childOf(element, name).children.filter((child) => child.name === "_");
  if (list.length === 0) throw noCascade();
  return list;
}

function wholeOf(element: XmlElement, name: string): number {
  const value = Number(textOf(element, name));
  if (!Number.isInteger(value)) throw noCascade();
  return value;
}

/** The numbers in a text, separated by white space. Written for speed: a cascade has tens of thousands. */
function numbersOf(text: string): number[] {
  const numbers: number[] = [];
  for (let at = 0;;) {
    while (text.charCodeAt(at) <= SPACE) at++;
    if (at >= text.length) return numbers;
    const from = at;
    while (text.charCodeAt(at) > SPACE) at++;
    numbers.push(Number(text.slice(from, at)));
  }
}

function countOf(numbers: number[], count: number): number[] {
  if (numbers.length !== count || !numbers.every(Number.isFinite)) throw noCascade();
  return numbers;
}

const numbersIn = (text: string, count: number): number[] => countOf(numbersOf(text), count);

function noCascade(): ConfigError {
  return new ConfigError(
    "cannot read the cascade file: it holds no cascade",
    "set --cascade to another XML file",
  );
}

function unsupported(why: string): ConfigError {
  return new ConfigError(
    `cannot run the cascade with Haarlem's own engine: it ${why}`,
    "set --engine opencv",
  );
}
