/**
 * The groups of pictures around a time, from which a face may still be cut. A group is one JPEG in some streams, and ten
 * seconds in others:
 *
 *     wanted time                          T
 *     groups of pictures     |....|....|....|....|....|....
 *     those of the span           |....|....|....|           from the one of T, or up to 350 ms before, to 350 ms after
 */
import type { CopiedPacket } from "./matroska_packets.ts";
import type { PictureGroup } from "./picture_group.ts";
import { AROUND_MS, wantedPackets } from "./wanted_pictures.ts";

export class PictureSpan {
  #groups: PictureGroup[];

  /** @param groups those of a stream so far, the oldest first. @param at the one of the time. */
  constructor(
    private readonly arrivedMs: number,
    groups: readonly PictureGroup[],
    private readonly at: PictureGroup,
  ) {
    this.#groups = groups.filter((group) => group === at || this.#isNear(group));
  }

  get groups(): readonly PictureGroup[] {
    return this.#groups;
  }

  /** The packets of all groups: a stream that ffmpeg decodes. */
  get packets(): CopiedPacket[] {
    return this.#groups.flatMap(({ packets }) => packets);
  }

  /** Takes the next group of the stream. False when it begins too late: then the span is complete. */
  follow(group: PictureGroup): boolean {
    if (this.#isNear(group)) {
      this.#groups.push(group);
      return true;
    }
    const wanted = new Set(wantedPackets(this.packets, this.arrivedMs));
    this.#groups = this.#groups.filter(({ packets }) => packets.some((packet) => wanted.has(packet)));
    return false;
  }

  #isNear({ key }: PictureGroup): boolean {
    return key.head === this.at.key.head && Math.abs(key.arrivedMs - this.arrivedMs) <= AROUND_MS;
  }
}
