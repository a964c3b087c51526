/** The groups of pictures in memory. */
import assert from "node:assert/strict";
import type { CopiedPacket } from "./matroska_packets.ts";
import { MAX_GROUP_BYTES, MAX_GROUP_MS, PictureGroups } from "./picture_groups.ts";

function packet(arrivedMs: number, isKey = false, bytes = 10): CopiedPacket {
  return { head: new Uint8Array(), cluster: new Uint8Array(bytes), isKey, timeMs: arrivedMs, arrivedMs };
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

Deno.test("only the current group and the one before it are kept", () => {
  const groups = groupsUntil(3_500);
  assert.equal(groups.at(1_500), undefined);
  assert.equal(groups.at(2_500)?.key.arrivedMs, 2_000);
  assert.equal(groups.at(2_500)?.isClosed, true);
  assert.equal(groups.at(3_500)?.isClosed, false);
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
