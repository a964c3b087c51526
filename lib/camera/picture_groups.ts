/**
 * The last packets of a stream that is not decoded, in groups of pictures.
 *
 *     ring   those of the last two seconds, at least the current group and the one before it
 *     span   those around a time, from which a face may still be cut
 */
import type { CopiedPacket } from "./matroska_packets.ts";
import { faultOf, PictureGroup } from "./picture_group.ts";
import { PictureSpan } from "./picture_span.ts";

/** Limits of the ring: how long a group stays after its end, and the bytes of all. Two groups stay in any case. */
const KEEP_MS = 2_000;
const MAX_RING_BYTES = 16 * 2 ** 20;
/** A key frame that comes up to this long after the wanted time begins the group of that time, if no other is known. */
const LATE_KEY_MS = 300;

/** Keeps the last groups. */
export class PictureGroups {
  /** The oldest first. */
  #ring: PictureGroup[] = [];
  /** Those to which a group may still come. */
  #spans: PictureSpan[] = [];
  /** Why the last packets were not kept. */
  #fault: string | undefined;

  add(packet: CopiedPacket): void {
    const current = this.#ring.at(-1);
    if (packet.isKey) {
      this.#fault = undefined;
      if (current) current.isClosed = true;
      this.#begin(new PictureGroup(packet));
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
    this.#spans = [];
  }

  /** The groups around a time; undefined when there is none. Groups that come later are added. */
  around(arrivedMs: number): PictureSpan | undefined {
    const at = this.at(arrivedMs);
    if (!at) return undefined;
    const span = new PictureSpan(arrivedMs, this.#ring, at);
    if (!this.#ring.at(-1)!.isClosed) this.#spans.push(span);
    return span;
  }

  /** The group with the picture of a time; undefined when there is none. */
  at(arrivedMs: number): PictureGroup | undefined {
    return this.#ring.findLast(({ key }) => key.arrivedMs <= arrivedMs) ??
      this.#ring.find(({ key }) => key.arrivedMs <= arrivedMs + LATE_KEY_MS);
  }

  #begin(group: PictureGroup): void {
    this.#ring.push(group);
    this.#spans = this.#spans.filter((span) => span.follow(group));
    let bytes = this.#ring.reduce((sum, one) => sum + one.bytes, 0);
    const isOver = () =>
      bytes > MAX_RING_BYTES || this.#ring[1].key.arrivedMs < group.key.arrivedMs - KEEP_MS;
    while (this.#ring.length > 2 && isOver()) bytes -= this.#ring.shift()!.bytes;
  }

  /** Why there may be no group. */
  get fault(): string {
    return this.#fault ?? (this.#ring.length === 0 ? "no key frame has come yet" : "no picture of that time");
  }
}
