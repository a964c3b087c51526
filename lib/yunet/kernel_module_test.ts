/** The committed kernel and weights are those that their sources give. */
import assert from "node:assert/strict";
import { buildKernel, buildYuNetWeights, kernelFile, WEIGHTS_FILE } from "../../deploy/build_kernel.ts";
import { assertEqualBytes } from "../testing/equal_bytes.ts";
import { inFullSuite } from "../testing/skip.ts";
import { readOnnx } from "./build/onnx.ts";

Deno.test("yunet.wasm.bin is built from kernel/", inFullSuite(), async () => {
  assert.deepEqual(
    await buildKernel("yunet"),
    await Deno.readFile(kernelFile("yunet")),
    "deno task build:kernel",
  );
});

Deno.test("weights.bin is made of the ONNX file", async () => {
  assertEqualBytes(await buildYuNetWeights(), await Deno.readFile(WEIGHTS_FILE));
});

Deno.test("a file that is no ONNX file is refused", () => {
  for (const bytes of [[], [0x3a], [0x3a, 5, 1], [0x3b]]) {
    assert.throws(() => readOnnx(Uint8Array.from(bytes)), /no ONNX file/);
  }
});
