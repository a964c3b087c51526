/** The committed kernel and compiled cascades are those that their sources give. */
import assert from "node:assert/strict";
import { buildCascade, buildKernel, kernelFile } from "../../deploy/build_kernel.ts";
import { fullRange } from "../image/frame.ts";
import { ConfigError } from "../errors.ts";
import { SHIPPED_CASCADES, shippedCascade } from "./shipped_cascade.ts";
import { readCascade } from "./compile/compiled_cascade.ts";
import { HaarDetector } from "./haar_detector.ts";
import { growMemory } from "../wasm_memory.ts";
import { loadKernel } from "./kernel_module.ts";
import { assertEqualBytes } from "../testing/equal_bytes.ts";
import { readPlane } from "../testing/planes.ts";
import { inFullSuite } from "../testing/skip.ts";

const PICTURE = await readPlane(new URL("../camera/sample/astronaut.png", import.meta.url).pathname);

Deno.test("haar.wasm.bin is built from kernel/", inFullSuite(), async () => {
  const kept = await Deno.readFile(kernelFile("haar"));
  assertEqualBytes(await buildKernel("haar"), kept);
});

for (const name of SHIPPED_CASCADES) {
  Deno.test(`the compiled ${name} is built from its XML and finds the same boxes`, async () => {
    const kept = shippedCascade(name, "compiled");
    assertEqualBytes(await buildCascade(name), kept);
    const settings = { scaleFactor: 1.1, minNeighbors: 0, minSize: 0, maxSize: 0 };
    const fromXml = new HaarDetector(shippedCascade(name, "xml"), settings).detect(PICTURE);
    assert.ok(fromXml.length > 0);
    assert.deepEqual(new HaarDetector(kept, settings).detect(PICTURE), fromXml);
  });
}

Deno.test("a damaged compiled cascade is refused", () => {
  const whole = shippedCascade("haarcascade_eye.xml", "compiled");
  for (const bytes of [8, 11, 500, whole.length - 1]) {
    assert.throws(() => readCascade(whole.subarray(0, bytes)), ConfigError);
  }
});

Deno.test("the kernel stretches every value of limited range as fullRange() does", () => {
  const kernel = loadKernel();
  const at = Number(kernel.firstFree.value);
  for (const [width, height] of [[16, 16], [257, 1], [3, 91]]) {
    const every = Uint8Array.from({ length: width * height }, (_, luma) => luma);
    growMemory(kernel, at + every.length + 15);
    const frame = new Uint8Array(kernel.memory.buffer, at, every.length);
    kernel.setFrame(at, width, height, 0, 0, 0);
    frame.set(every);
    kernel.stretchFrame();
    assert.deepEqual(frame.slice(), fullRange({ gray: every, width, height, limitedRange: true }));
  }
});
