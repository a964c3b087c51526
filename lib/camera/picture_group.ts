/** A group of pictures of a stream that is not decoded: a key frame and what depends on it. */
import type { CopiedPacket } from "./matroska_packets.ts";

/** Limits of one group; beyond them it is dropped, and packets are ignored until the next key frame. */
export const MAX_GROUP_BYTES = 16 * 2 ** 20;
export const MAX_GROUP_MS = 10_000;

/** A key frame and the packets after it, up to the next one. */
export class PictureGroup {
  readonly packets: CopiedPacket[] = [];
  bytes = 0;
  /** Whether no packet can follow. */
  isClosed = false;

  constructor(readonly key: CopiedPacket) {
    this.add(key);
  }

  add(packet: CopiedPacket): void {
    this.packets.push(packet);
    this.bytes += packet.cluster.length;
  }
}

/** Why a group cannot take a packet; undefined when it can. */
export function faultOf({ key, bytes }: PictureGroup, packet: CopiedPacket): string | undefined {
  if (packet.arrivedMs - key.arrivedMs > MAX_GROUP_MS) {
    return `its key frames are more than ${MAX_GROUP_MS / 1000} s apart`;
  }
  if (bytes + packet.cluster.length > MAX_GROUP_BYTES) {
    return `more than ${MAX_GROUP_BYTES / 2 ** 20} MiB follow a key frame`;
  }
  return undefined;
}
