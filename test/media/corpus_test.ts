/** The corpus is small, free, and its boxes are those of native OpenCV. */
import assert from "node:assert/strict";
import { filesIn } from "../../lib/testing/files.ts";
import { needs } from "../needs.ts";
import { PICTURE_NAMES, PICTURES, readTruth } from "./corpus.ts";
import { opencvBoxes } from "./write_truth.ts";

const MAX_BYTES = 5_000_000;

Deno.test("the corpus takes less than 5 MB, and README.md names the licence of every picture", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", import.meta.url));
  let bytes = 0;
  for await (const path of filesIn(import.meta.dirname!)) {
    bytes += (await Deno.stat(path)).size;
    const picture = path.match(/[^/]+\.(png|jpe?g)$/)?.[0];
    if (picture) assert.match(readme, new RegExp(`\`${picture}\` .*(public domain|CC0)`), picture);
  }
  assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
});

Deno.test("native OpenCV finds the stored boxes in every picture", needs("python", "cascades"), async () => {
  const found = await opencvBoxes(PICTURE_NAMES.map((name) => `${name}=${PICTURES[name]}`));
  for (const name of PICTURE_NAMES) {
    const { grayMd5, boxes } = await readTruth(name);
    assert.deepEqual({ grayMd5: found[name].grayMd5, boxes: found[name].boxes }, { grayMd5, boxes }, name);
  }
});
