/** The kernel that is kept is the one its sources give; what is easier seen in it than from outside. */
import assert from "node:assert/strict";
import { buildKernel, KERNEL_FILE } from "../../../deploy/build_kernel.ts";
import { fullRange } from "../../image/frame.ts";
import { growMemory, loadKernel } from "./kernel.ts";

Deno.test("haar.wasm.bin is what kernel/ is built into", async () => {
  const kept = await Deno.readFile(KERNEL_FILE);
  const built = await buildKernel();
  assert.equal(built.length, kept.length, "deno task build:kernel");
  assert.ok(built.every((byte, index) => byte === kept[index]), "deno task build:kernel");
});

Deno.test("the kernel stretches every brightness of a video as fullRange() does", () => {
  const kernel = loadKernel();
  const every = Uint8Array.from({ length: 256 }, (_, luma) => luma);
  const at = Number(kernel.firstFree.value);
  growMemory(kernel, at + every.length);
  const frame = new Uint8Array(kernel.memory.buffer, at, every.length);
  kernel.placeFrame(at, 16, 16, 0, 0, 0);
  frame.set(every);
  kernel.stretchFrame();
  assert.deepEqual(frame.slice(), fullRange({ gray: every, width: 16, height: 16, isVideo: true }));
});
