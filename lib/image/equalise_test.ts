/** Histogram equalisation, compared with OpenCV's. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { findParts } from "../../test/parts.ts";
import { equalise } from "./equalise.ts";

Deno.test("two values become black and white, a single value stays", () => {
  const [two, one] = [Uint8Array.of(100, 101, 100, 101), Uint8Array.of(7, 7)];
  equalise(two);
  equalise(one);
  assert.deepEqual([[...two], [...one]], [[0, 255, 0, 255], [7, 7]]);
});

Deno.test("equalise() equals cv2.equalizeHist", needs("python"), async () => {
  const planes = [1, 7, 40, 255].map((spread) =>
    Uint8Array.from({ length: 3_001 }, (_, index) => (index * 7919 % 1009) * spread / 1009)
  );
  const file = await Deno.makeTempFile();
  for (const plane of planes) {
    await Deno.writeFile(file, plane);
    const script = "import sys, cv2, numpy\n" +
      "sys.stdout.buffer.write(cv2.equalizeHist(numpy.fromfile(sys.argv[1], numpy.uint8)).tobytes())";
    const { stdout } = await new Deno.Command(findParts().python!, { args: ["-c", script, file] }).output();
    equalise(plane);
    assert.deepEqual(plane, stdout);
  }
  await Deno.remove(file);
});
