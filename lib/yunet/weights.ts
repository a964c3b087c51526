/** Where the weights of each layer are in weights.bin. README.md draws the file. */
import { readAsset } from "../assets.ts";
import { FIRST_OUTPUTS, UNITS } from "./network.ts";

const FILE = "lib/yunet/weights.bin";

/** All weights, and the index of each layer's first one. */
export interface Weights {
  readonly values: Float32Array<ArrayBuffer>;
  readonly first: Float32Array<ArrayBuffer>;
  readonly units: readonly { readonly pointwise: number; readonly depthwise: number }[];
}

/** Reads the file that comes with the programs. */
export function loadWeights(): Weights {
  return weightsOf(readAsset(FILE));
}

/** The layers of the file's bytes. Processors that run Deno are little-endian, as the file is. */
function weightsOf(bytes: Uint8Array<ArrayBuffer>): Weights {
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let at = FIRST_OUTPUTS * 28;
  const first = values.subarray(0, at);
  const units = UNITS.map(({ inputs, outputs }) => {
    const pointwise = at;
    const depthwise = pointwise + outputs * (inputs + 1);
    at = depthwise + outputs * 10;
    return { pointwise, depthwise };
  });
  if (at !== values.length) throw new Error(`weights.bin has ${values.length} values instead of ${at}`);
  return { values, first, units };
}
