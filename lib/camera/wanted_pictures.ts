/** Which pictures of a main stream may show a face of the sub stream: those of about its time. */
import type { CopiedPacket } from "./matroska_packets.ts";

/** Pictures that are decoded: the one of the wanted time and its neighbours, in the order in which they are searched. */
const OFFSETS_MS = [0, -150, 150, -300, 300];
/** A picture this long before or after the wanted time may still be the right one: streams of one camera are not aligned. */
export const AROUND_MS = 350;
/** The nearest picture must not be further away. */
const MAX_APART_MS = 1_000;

/** The packets nearest to the wanted times, without repetition. */
export function wantedPackets(packets: readonly CopiedPacket[], arrivedMs: number): CopiedPacket[] {
  if (packets.length === 0) return [];
  const apart = (packet: CopiedPacket, ms: number) => Math.abs(packet.arrivedMs - ms);
  const nearest = (ms: number) =>
    packets.reduce((best, one) => apart(one, ms) < apart(best, ms) ? one : best);
  const wanted = new Set(OFFSETS_MS.map((offset) => nearest(arrivedMs + offset)));
  return Array.from(wanted).filter((packet) => apart(packet, arrivedMs) <= MAX_APART_MS);
}
