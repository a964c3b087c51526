/** Pictures of a snapshot address on demand: how often it is requested, and who gets which picture. */
import assert from "node:assert/strict";
import { FatalError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { ManualTime } from "../testing/manual_time.ts";
import { PolledPictures } from "./polled_pictures.ts";
import { HeldPictures } from "./main_pictures.ts";

/** A snapshot address whose picture number n is n pixels wide, after `answerMs`. */
class Address {
  readonly requests: number[] = [];
  fault: string | undefined;

  constructor(readonly time: ManualTime, private readonly answerMs = 100) {}

  readonly next = async () => {
    const width = this.requests.push(this.time.nowMs);
    await this.time.delay(this.answerMs);
    if (this.fault) throw new FatalError(this.fault);
    return encodePng({ width, height: 1, rgb: new Uint8Array(width * 3) });
  };
}

function open(address: Address, held = new HeldPictures()) {
  const faults: (string | undefined)[] = [];
  const polled = new PolledPictures({
    name: "http://camera",
    pictures: address,
    filters: [],
    onChange: (fault) => faults.push(fault?.message),
    signal: SIGNAL,
    held,
    nowMs: () => address.time.nowMs,
    wait: address.time.delay,
  });
  return { polled, faults, held };
}

const SIGNAL = new AbortController().signal;

/** The numbers of the pictures that these hold. */
async function numbers(all: readonly { decode: ReturnType<PolledPictures["hold"]>["decode"] }[]) {
  const frames = await Promise.all(all.map((one) => one.decode({ signal: SIGNAL })));
  return frames.map(([{ width }]) => width);
}

Deno.test("a picture is requested when one is to be held, and has the time of its arrival", async () => {
  const time = new ManualTime();
  const address = new Address(time);
  const { polled, faults } = open(address);
  await time.advance(10_000);
  assert.deepEqual(address.requests, []);
  const held = polled.hold();
  await time.advance(1_000);
  assert.deepEqual(address.requests, [10_000]);
  const [frame] = await held.decode({ signal: SIGNAL });
  assert.equal(frame.sourceTimeMs, 10_100);
  assert.deepEqual(faults, [undefined]);
});

Deno.test("at most two pictures a second are requested, however many are to be held", async () => {
  const time = new ManualTime();
  const address = new Address(time);
  const { polled } = open(address);
  const all = [];
  for (let nth = 0; nth < 20; nth++) {
    all.push(polled.hold());
    await time.advance(50);
  }
  await time.advance(1_000);
  assert.deepEqual(address.requests, [0, 500, 1_000]);
  const got = await numbers(all);
  assert.deepEqual([got[0], got[1], got[9], got[19]], [1, 2, 2, 3]);
});

Deno.test("an address that answers slower than that has one request at a time", async () => {
  const time = new ManualTime();
  const address = new Address(time, 1_700);
  const { polled } = open(address);
  const first = polled.hold();
  await time.advance(100);
  const second = polled.hold();
  await time.advance(5_000);
  assert.deepEqual(address.requests, [0, 1_700]);
  assert.deepEqual(await numbers([first, second]), [1, 2]);
});

Deno.test("a request that nobody waits for any more is not sent", async () => {
  const time = new ManualTime();
  const address = new Address(time);
  const { polled, held } = open(address);
  polled.hold().release();
  const kept = polled.hold();
  await time.advance(100);
  polled.hold().release();
  await time.advance(2_000);
  assert.deepEqual(address.requests, [0]);
  assert.deepEqual(await numbers([kept]), [1]);
  kept.release();
  assert.equal(held.size, 0);
  const later = polled.hold();
  await time.advance(500);
  assert.deepEqual(await numbers([later]), [2]);
});

Deno.test("a failed request is reported, its picture is missing, and the next one is requested", async () => {
  const time = new ManualTime();
  const address = new Address(time);
  const { polled, faults } = open(address);
  address.fault = `"http://camera" answers 503`;
  const failed = polled.hold();
  await time.advance(500);
  await assert.rejects(failed.decode({ signal: SIGNAL }), /answers 503/);
  address.fault = undefined;
  const held = polled.hold();
  await time.advance(500);
  assert.deepEqual(await numbers([held]), [2]);
  assert.deepEqual(faults, [`"http://camera" answers 503`, undefined]);
});

Deno.test("pictures beyond the limit are dropped, and their decoding says so", async () => {
  const time = new ManualTime();
  const address = new Address(time);
  const { polled } = open(address, new HeldPictures({ pictures: 1, bytes: 1_000_000 }));
  const dropped = polled.hold();
  await time.advance(500);
  const held = polled.hold();
  await time.advance(500);
  await assert.rejects(dropped.decode({ signal: SIGNAL }), /too many pictures/);
  assert.deepEqual(await numbers([held]), [2]);
});
