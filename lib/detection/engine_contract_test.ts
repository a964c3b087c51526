/** What every engine of the registry keeps, with the program's default settings; see engine.ts. */
import assert from "node:assert/strict";
import { asset } from "../assets.ts";
import type { Area } from "../image/frame.ts";
import { readSettings } from "../settings/read.ts";
import { noise, readPlane, scaled } from "../testing/planes.ts";
import { DETECTION_SETTINGS } from "../wiring/detection.ts";
import { ENGINES, loadEngine } from "./engines.ts";

const PICTURE = await readPlane(asset("lib/camera/sample/astronaut.png").pathname);
const DEFAULTS = readSettings("detector", DETECTION_SETTINGS, { args: [], env: {} });

for (const name of ENGINES) {
  const start = async () => {
    const engine = await loadEngine(name);
    const config = await engine.configure(DEFAULTS);
    // As the pool hands them over.
    const options = structuredClone(config.options);
    return { engine, config, options, search: await engine.start(options) };
  };

  Deno.test(`${name}: detections lie in the plane, whatever its size, and the plane stays as it was`, async () => {
    const { search } = await start();
    for (const plane of [PICTURE, scaled(PICTURE, 300, 200), noise(64, 48, 1), noise(7, 5, 1), PICTURE]) {
      const before = plane.gray.slice();
      for (const { x, y, width, height } of search.detect(plane, "all")) {
        assert.ok(x >= 0 && y >= 0 && x + width <= plane.width && y + height <= plane.height);
      }
      assert.deepEqual(plane.gray, before);
    }
  });

  Deno.test(`${name}: detections in regions lie in a region, in the order of the regions`, async () => {
    const { search } = await start();
    const regions = [{ x: 300, y: 250, width: 200, height: 200 }, { x: 120, y: 20, width: 220, height: 200 }];
    const found = search.detect(PICTURE, regions);
    const of = (area: Area) => search.detect(PICTURE, area);
    assert.deepEqual(found, regions.flatMap((region) => of([region])));
    assert.deepEqual(of([]), []);
  });

  Deno.test(`${name}: a plane searched in parts has the detections of the whole plane, in their order`, async () => {
    const { engine, options, search } = await start();
    assert.equal(engine.join === undefined, search.parts === undefined);
    if (!search.parts) return;
    for (const plane of [PICTURE, noise(97, 61, 5), noise(10, 10, 5)]) {
      const parts = Array.from({ length: search.parts.load(plane) }, (_, part) => search.parts!.search(part));
      const joined = engine.join!(structuredClone(parts), options, plane);
      assert.deepEqual(joined, search.detect(plane, "all"));
    }
  });

  Deno.test(`${name}: detections have five landmarks where the engine says so, otherwise none`, async () => {
    const { engine, search } = await start();
    const region = { x: 120, y: 20, width: 220, height: 200 };
    const found = (["all", [region]] as const).flatMap((area) => search.detect(PICTURE, area));
    assert.ok(found.length > 1);
    for (const { landmarks, x, y, width, height } of found) {
      assert.equal(landmarks?.length, engine.hasLandmarks && 5);
      for (const point of landmarks ?? []) {
        assert.ok(point.x > x && point.x < x + width && point.y > y && point.y < y + height, "in the box");
      }
    }
  });

  Deno.test(`${name}: the metadata of its faces is JSON`, async () => {
    const { config: { metadata } } = await start();
    assert.deepEqual(JSON.parse(JSON.stringify(metadata)), metadata);
  });
}
