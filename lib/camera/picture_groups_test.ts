/** The groups of pictures in memory. */
import assert from "node:assert/strict";
import type { CopiedPacket } from "./matroska_packets.ts";
import { MAX_GROUP_BYTES, MAX_GROUP_MS } from "./picture_group.ts";
import { PictureGroups } from "./picture_groups.ts";
import { PictureSpan } from "./picture_span.ts";

const HEAD = new Uint8Array();

function packet(arrivedMs: number, isKey = false, bytes = 10): CopiedPacket {
  return { head: HEAD, cluster: new Uint8Array(bytes), isKey, timeMs: arrivedMs, arrivedMs };
}

/** Groups of packets at these times; a key every 1,000 ms. */
function groupsUntil(endMs: number, beginMs = 0): PictureGroups {
  const groups = new PictureGroups();
  for (let ms = beginMs; ms <= endMs; ms += 100) groups.add(packet(ms, ms % 1_000 === 0));
  return groups;
}

Deno.test("a time belongs to the group that began before it", () => {
  const groups = groupsUntil(2_400);
  assert.equal(groups.at(2_300)?.key.arrivedMs, 2_000);
  assert.equal(groups.at(1_999)?.key.arrivedMs, 1_000);
  assert.equal(groups.at(5_000)?.key.arrivedMs, 2_000);
});

/** Packets every 40 ms, each a key: a stream of JPEGs. */
function jpegsUntil(endMs: number, bytes: number): PictureGroups {
  const groups = new PictureGroups();
  for (let ms = 0; ms <= endMs; ms += 40) groups.add(packet(ms, true, bytes));
  return groups;
}

Deno.test("groups are kept for two seconds, however short they are", () => {
  const groups = groupsUntil(4_500);
  assert.equal(groups.at(600), undefined);
  assert.equal(groups.at(1_999)?.key.arrivedMs, 1_000);
  assert.equal(groups.at(3_500)?.isClosed, true);
  assert.equal(groups.at(4_500)?.isClosed, false);
  const jpegs = jpegsUntil(10_000, 200_000);
  assert.equal(jpegs.at(8_100)?.key.arrivedMs, 8_080);
  assert.equal(jpegs.at(7_600), undefined);
});

Deno.test("of large groups only the current one and the one before it are kept", () => {
  const groups = jpegsUntil(400, MAX_GROUP_BYTES);
  assert.equal(groups.at(360)?.key.arrivedMs, 360);
  assert.equal(groups.at(320)?.key.arrivedMs, 360);
  const smaller = jpegsUntil(400, MAX_GROUP_BYTES / 4);
  assert.equal(smaller.at(280)?.key.arrivedMs, 280);
  assert.equal(smaller.at(240)?.key.arrivedMs, 280);
});

Deno.test("the groups around a time are kept, also those that come later; at last those that are needed", () => {
  const groups = jpegsUntil(10_000, 10);
  const span = groups.around(9_900)!;
  assert.deepEqual([span.groups[0].key.arrivedMs, span.groups.at(-1)!.key.arrivedMs], [9_560, 10_000]);
  for (let ms = 10_040; ms < 12_000; ms += 40) groups.add(packet(ms, true));
  const times = span.packets.map(({ arrivedMs }) => arrivedMs);
  assert.deepEqual(times, [9_600, 9_760, 9_880, 10_040, 10_200]);
});

Deno.test("a long group that only ends near the time is not decoded for it, nor another stream", () => {
  const groups = groupsUntil(2_500);
  const begins = (ms: number) => groups.around(ms)!.groups.map(({ key }) => key.arrivedMs);
  assert.deepEqual(begins(2_100), [2_000]);
  assert.deepEqual(begins(1_900), [1_000, 2_000]);
  const span = groups.around(2_500)!;
  groups.add({ ...packet(2_600, true), head: new Uint8Array() });
  assert.deepEqual(span.groups.map(({ key }) => key.arrivedMs), [2_000]);
});

Deno.test("packets before the first key are ignored", () => {
  const groups = groupsUntil(900, 100);
  assert.equal(groups.at(500), undefined);
  assert.match(groups.fault, /no key frame/);
  groups.add(packet(1_000, true));
  assert.equal(groups.at(500), undefined);
  assert.equal(groups.at(800)?.key.arrivedMs, 1_000);
});

Deno.test("a group that lasts too long or is too large is dropped until the next key", () => {
  for (
    const [late, words] of [
      [packet(MAX_GROUP_MS + 1), /key frames are more than 10 s apart/],
      [packet(100, false, MAX_GROUP_BYTES), /more than 16 MiB/],
    ] as const
  ) {
    const groups = new PictureGroups();
    groups.add(packet(0, true));
    groups.add(late);
    groups.add(packet(late.arrivedMs + 1));
    assert.equal(groups.at(late.arrivedMs), undefined);
    assert.match(groups.fault, words);
    groups.add(packet(late.arrivedMs + 100, true));
    assert.equal(groups.at(late.arrivedMs + 100)?.packets.length, 1);
  }
});

Deno.test("a group that somebody holds is not changed by what follows it", () => {
  const groups = groupsUntil(1_500);
  const held = groups.at(1_500)!;
  groups.end();
  assert.equal(held.isClosed, true);
  for (let ms = 2_000; ms < 9_000; ms += 100) groups.add(packet(ms, ms % 1_000 === 0));
  assert.equal(held.packets.length, 6);
  assert.equal(held.bytes, 60);
});

Deno.test("a span after the end of the stream gets no further group", () => {
  const groups = groupsUntil(900);
  groups.end();
  const { follow } = PictureSpan.prototype;
  let offered = 0;
  PictureSpan.prototype.follow = function (group) {
    offered++;
    return follow.call(this, group);
  };
  try {
    for (let ms = 1_000; ms < 2_000; ms += 100) assert.ok(groups.around(ms));
    groups.add(packet(2_000, true));
  } finally {
    PictureSpan.prototype.follow = follow;
  }
  assert.equal(offered, 0);
});
