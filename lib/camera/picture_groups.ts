/**
 * The last packets of a stream that is not decoded, in groups of pictures: a key frame and what depends on it.
 *
 *     ring   previous group, current group: so the last second or more, from a key frame on
 *     held   groups with a picture from which a face may still be cut
 */
import type { CopiedPacket } from "./matroska_packets.ts";

/** Limits of one group; beyond them it is dropped, and packets are ignored until the next key frame. */
export const MAX_GROUP_BYTES = 16 * 2 ** 20;
export const MAX_GROUP_MS = 10_000;
/** A key frame that comes up to this long after the wanted time begins the group of that time, if no other is known. */
const LATE_KEY_MS = 300;

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

/** Keeps the last two groups. */
export class PictureGroups {
  /** The oldest first. */
  #ring: PictureGroup[] = [];
  /** Why the last packets were not kept. */
  #fault: string | undefined;

  add(packet: CopiedPacket): void {
    const current = this.#ring.at(-1);
    if (packet.isKey) {
      this.#fault = undefined;
      if (current) current.isClosed = true;
      this.#ring = [...this.#ring.slice(-1), new PictureGroup(packet)];
    } else if (current && !current.isClosed) {
      this.#fault = faultOf(current, packet);
      if (!this.#fault) return current.add(packet);
      current.isClosed = true;
      this.#ring = [];
    }
  }

  /** The stream ended: no packet follows the ones before. */
  end(): void {
    for (const group of this.#ring) group.isClosed = true;
  }

  /** The group with the picture of a time; undefined when there is none. */
  at(arrivedMs: number): PictureGroup | undefined {
    return this.#ring.findLast(({ key }) => key.arrivedMs <= arrivedMs) ??
      this.#ring.find(({ key }) => key.arrivedMs <= arrivedMs + LATE_KEY_MS);
  }

  /** Why there may be no group. */
  get fault(): string {
    return this.#fault ?? (this.#ring.length === 0 ? "no key frame has come yet" : "no picture of that time");
  }
}

function faultOf({ key, bytes }: PictureGroup, packet: CopiedPacket): string | undefined {
  if (packet.arrivedMs - key.arrivedMs > MAX_GROUP_MS) {
    return `its key frames are more than ${MAX_GROUP_MS / 1000} s apart`;
  }
  if (bytes + packet.cluster.length > MAX_GROUP_BYTES) {
    return `more than ${MAX_GROUP_BYTES / 2 ** 20} MiB follow a key frame`;
  }
  return undefined;
}
