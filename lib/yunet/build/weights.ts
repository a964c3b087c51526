/**
 * Makes weights.bin of the ONNX file: the weights in the order in which the kernel reads them (README.md draws it).
 * It also checks that the graph is the one that network.ts describes.
 */
import { DENSE_BLOCK, FIRST_OUTPUTS, outputBlock, type Unit, UNITS } from "../network.ts";
import { type Graph, type Node, readOnnx, type Tensor } from "./onnx.ts";

/** A convolution's weights, `[outputs][inputs][rows][columns]`, and biases. */
interface Convolution {
  readonly weights: Tensor;
  readonly biases: Tensor;
}

/** The bytes of weights.bin. */
export function buildWeights(onnx: Uint8Array): Uint8Array<ArrayBuffer> {
  const graph = readOnnx(onnx);
  const [first, ...rest] = graph.nodes.filter(({ operator }) => operator === "Conv");
  checkOrder(graph.nodes);
  const values: number[] = [];
  values.push(...firstLayer(convolutionOf(first, graph)));
  for (const [index, convolutions] of unitsOf(rest.map((node) => convolutionOf(node, graph))).entries()) {
    const [pointwise, depthwise] = convolutions;
    const { inputs, outputs } = UNITS[index];
    if (
      pointwise.weights.values.length !== inputs * outputs || depthwise.weights.values.length !== outputs * 9
    ) {
      throw new Error(`unit ${index} is not that of network.ts`);
    }
    values.push(
      ...inBlocks(pointwise, UNITS[index], outputBlock(UNITS[index])),
      ...inGroups(depthwise, outputs),
    );
  }
  return littleEndian(values);
}

/** Operators between the convolutions, in the order of the file. */
const ORDER = "Conv Relu " + // the first layer
  "Conv Conv Relu MaxPool " + "Conv Conv Relu Conv Conv Relu ".repeat(2) + "MaxPool " +
  "Conv Conv Relu Conv Conv Relu MaxPool ".repeat(2) + "Conv Conv Relu Conv Conv Relu " +
  "Conv Conv Relu Resize Add ".repeat(2) + "Conv Conv Relu " +
  "Conv Conv ".repeat(12); // the heads

function checkOrder(nodes: readonly Node[]): void {
  const order = nodes.map(({ operator }) => operator).join(" ");
  if (!order.startsWith(ORDER)) throw new Error(`the graph is not that of network.ts: ${order}`);
}

function convolutionOf({ inputs }: Node, { tensors }: Graph): Convolution {
  const [weights, biases] = inputs.slice(1).map((name) => tensors.get(name));
  if (!weights || !biases) throw new Error(`weights or biases are missing: ${inputs.join(", ")}`);
  return { weights, biases };
}

/**
 * Pairs of convolutions in the order of UNITS. In the file, the neck's units come from coarse to fine, as in UNITS, and
 * each head's outputs have convolutions of their own: class, box, objectness and landmarks, each for three strides.
 */
function unitsOf(convolutions: readonly Convolution[]): Convolution[][] {
  const pairs: Convolution[][] = [];
  for (let at = 0; at < convolutions.length; at += 2) pairs.push(convolutions.slice(at, at + 2));
  const heads = pairs.splice(-12);
  for (let stride = 0; stride < 3; stride++) {
    const [kind, box, objectness, landmarks] = [0, 1, 2, 3].map((output) => heads[3 * output + stride]);
    pairs.push([0, 1].map((part) => joined([kind, objectness, box, landmarks].map((pair) => pair[part]))));
  }
  return pairs;
}

/** Convolutions of the same inputs, or depthwise ones, as one. */
function joined(convolutions: readonly Convolution[]): Convolution {
  const join = (tensors: readonly Tensor[]) => {
    const values = new Float32Array(tensors.flatMap(({ values }) => [...values]));
    return { shape: [values.length], values };
  };
  return {
    weights: join(convolutions.map(({ weights }) => weights)),
    biases: join(convolutions.map(({ biases }) => biases)),
  };
}

/** The first layer: 27 inputs, in the order row, column, channel. */
function firstLayer({ weights, biases }: Convolution): number[] {
  const values = new Float32Array(FIRST_OUTPUTS * 27);
  for (let output = 0; output < FIRST_OUTPUTS; output++) {
    for (let tap = 0; tap < 9; tap++) {
      for (let channel = 0; channel < 3; channel++) {
        values[output * 27 + tap * 3 + channel] = weights.values[output * 27 + channel * 9 + tap];
      }
    }
  }
  return inBlocks(
    { weights: { shape: [], values }, biases },
    { inputs: 27, outputs: FIRST_OUTPUTS },
    DENSE_BLOCK,
  );
}

/** For each `block` outputs: their biases, then for each input their weights. */
function inBlocks({ weights, biases }: Convolution, { inputs, outputs }: Unit, block: number): number[] {
  const values: number[] = [];
  for (let first = 0; first < outputs; first += block) {
    values.push(...biases.values.subarray(first, first + block));
    for (let input = 0; input < inputs; input++) {
      for (let output = first; output < first + block; output++) {
        values.push(weights.values[output * inputs + input]);
      }
    }
  }
  return values;
}

/** For each 4 channels: their biases, then for each column and row their weights. */
function inGroups({ weights, biases }: Convolution, channels: number): number[] {
  const values: number[] = [];
  for (let group = 0; group < channels; group += 4) {
    values.push(...biases.values.subarray(group, group + 4));
    for (let column = 0; column < 3; column++) {
      for (let row = 0; row < 3; row++) {
        for (let channel = group; channel < group + 4; channel++) {
          values.push(weights.values[channel * 9 + row * 3 + column]);
        }
      }
    }
  }
  return values;
}

function littleEndian(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return bytes;
}
