/** The pictures in which a face is searched. */
import assert from "node:assert/strict";
import type { CopiedPacket } from "./matroska_packets.ts";
import { wantedPackets } from "./wanted_pictures.ts";

Deno.test("the wanted pictures are the nearest ones, and none that is too far away", () => {
  const packet = (arrivedMs: number): CopiedPacket => ({
    head: new Uint8Array(),
    cluster: new Uint8Array(),
    isKey: false,
    timeMs: 0,
    arrivedMs,
  });
  const times = (step: number, wantedMs: number) => {
    const packets = Array.from({ length: 40 }, (_, nth) => packet(nth * step));
    return wantedPackets(packets, wantedMs).map(({ arrivedMs }) => arrivedMs);
  };
  assert.deepEqual(times(50, 1_010), [1_000, 850, 1_150, 700, 1_300]);
  assert.deepEqual(times(50, 0), [0, 150, 300]);
  assert.deepEqual(times(400, 1_000), [800, 1_200]);
  assert.deepEqual(times(50, 5_000), []);
  assert.deepEqual(wantedPackets([], 1_000), []);
});
