/**
 * A 4K frame, in a separate file: opencv-wasm keeps its memory, and its heap then has no room for other detectors.
 */
import assert from "node:assert/strict";
import { asset } from "../assets.ts";
import { OpenCvDetector } from "../detection/opencv_detector.ts";
import { cascadeFile } from "./shipped_cascade.ts";
import { HaarDetector } from "./haar_detector.ts";
import { readPlane, scaled } from "../testing/planes.ts";
import { inFullSuite } from "../testing/skip.ts";

Deno.test("a plane of 3840x2160 has OpenCV's windows and boxes", inFullSuite(), async () => {
  const cascade = await Deno.readFile(cascadeFile("haarcascade_frontalface_default.xml"));
  const plane = scaled(await readPlane(asset("lib/camera/sample/astronaut.png").pathname), 3840, 2160);
  for (const minNeighbors of [0, 3]) {
    const settings = { scaleFactor: 1.1, minNeighbors, minSize: 0, maxSize: 0 };
    const ours = new HaarDetector(cascade, settings).detect(plane);
    const boxes = ours.map(({ x, y, width, height }) => ({ x, y, width, height }));
    assert.ok(boxes.length > 0);
    assert.deepEqual(boxes, new OpenCvDetector(cascade, settings).detect(plane));
  }
});
