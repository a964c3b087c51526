/** The kernel that is kept is the one its sources give. */
import assert from "node:assert/strict";
import { buildKernel, KERNEL_FILE } from "../../../deploy/build_kernel.ts";

Deno.test("haar.wasm.bin is what kernel/ is built into", async () => {
  const kept = await Deno.readFile(KERNEL_FILE);
  const built = await buildKernel();
  assert.equal(built.length, kept.length, "deno task build:kernel");
  assert.ok(built.every((byte, index) => byte === kept[index]), "deno task build:kernel");
});
