/** Zones in which detections are ignored. */
import assert from "node:assert/strict";
import { isIgnored, parseZones } from "./ignore_zones.ts";

Deno.test("a face is ignored when its centre lies in a zone", () => {
  const zones = parseZones("0,0,100,100 300,0,50,480");
  const face = (x: number, y: number) => ({ x, y, width: 40, height: 40 });
  assert.deepEqual([face(0, 0), face(79, 79), face(280, 400)].map((box) => isIgnored(box, zones)), [
    true,
    true,
    true,
  ]);
  assert.deepEqual([face(80, 80), face(279, 0), face(330, 0)].map((box) => isIgnored(box, zones)), [
    false,
    false,
    false,
  ]);
  assert.deepEqual(parseZones(""), []);
});

Deno.test("a malformed zone is an error", () => {
  for (const wrong of ["1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,0,10", "-1,0,5,5"]) {
    assert.throws(() => parseZones(wrong), /should be X,Y,WIDTH,HEIGHT/, wrong);
  }
});
