/** Capture times that are corrected once the clock is set. */
import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import { readFace, writeFace } from "../face/face_file.ts";
import { decodePng, encodePng, readPng } from "../image/png.ts";
import { METADATA } from "../testing/face_metadata.ts";
import type { Clock, Moment } from "./clock.ts";
import { corrected, finalizeFace, isProvisional, withClock } from "./corrected_times.ts";

const NOON_MS = Date.parse("2026-11-23T12:00:00.000Z");
/** Half an hour after the boot, at noon. */
const NOW: Moment = {
  wallMs: NOON_MS,
  synchronised: "yes",
  bootId: "boot-2",
  monotonicMs: 1_800_000,
  settling: false,
};
const IN_1970: Moment = { ...NOW, wallMs: 1_800_000, synchronised: "no" };

/** A face taken ten minutes after the boot by a clock of 1970. */
const FACE = {
  camera: "door",
  captured: "1970-01-01T00:10:00.000Z",
  visit: { number: 3, began: "1970-01-01T00:09:58.000Z", last: "1970-01-01T00:10:02.500Z" },
  clock: { synchronised: "no", bootId: "boot-2", monotonicMs: 600_000 },
} as FaceMetadata;
const taken = (clock: Partial<FaceMetadata["clock"]>, captured = FACE.captured): FaceMetadata => ({
  ...FACE,
  captured,
  clock: { ...FACE.clock!, ...clock },
});

Deno.test("a face from before the clock was set gets its true time, and the correction is in its metadata", () => {
  assert.deepEqual(corrected(FACE, NOW), {
    ...FACE,
    captured: "2026-11-23T11:40:00.000Z",
    visit: { ...FACE.visit, began: "2026-11-23T11:39:58.000Z", last: "2026-11-23T11:40:02.500Z" },
    clock: {
      ...FACE.clock,
      corrected: {
        from: FACE.captured,
        byMs: NOON_MS - 1_800_000,
        synchronised: "yes",
        exact: true,
      },
    },
  });
});

Deno.test("a time is corrected once", () => {
  const once = corrected(FACE, NOW)!;
  assert.equal(corrected(once, { ...NOW, wallMs: NOON_MS + 86_400_000 }), once);
  assert.equal(isProvisional(once), false);
});

Deno.test("a plausible but wrong time is corrected too, forwards and backwards", () => {
  for (const captured of ["2026-11-01T08:00:00.000Z", "2026-12-24T18:00:00.000Z"]) {
    assert.equal(corrected(taken({}, captured), NOW)!.captured, "2026-11-23T11:40:00.000Z");
  }
});

Deno.test("an error of less than a second is not corrected", () => {
  const face = taken({}, "2026-11-23T11:40:00.999Z");
  assert.equal(corrected(face, NOW), face);
  assert.notEqual(corrected(taken({}, "2026-11-23T11:40:01.000Z"), NOW)!.clock!.corrected, undefined);
});

Deno.test("a face waits while the clock shows an implausible time, synchronised or not", () => {
  assert.equal(corrected(FACE, IN_1970), undefined);
  assert.equal(corrected(FACE, { ...IN_1970, synchronised: "unknown" }), undefined);
  assert.equal(corrected(taken({ synchronised: "yes" }), { ...IN_1970, synchronised: "yes" }), undefined);
  assert.equal(corrected(taken({ bootId: "boot-1" }), IN_1970), undefined);
});

Deno.test("an implausible time is corrected by a clock set by hand, and the metadata tells its state", () => {
  for (const synchronised of ["no", "unknown"] as const) {
    const { captured, clock } = corrected(FACE, { ...NOW, synchronised })!;
    assert.equal(captured, "2026-11-23T11:40:00.000Z");
    assert.equal(clock!.corrected!.synchronised, synchronised);
  }
});

Deno.test("a plausible time is not corrected by a clock that is not synchronised", () => {
  const face = taken({}, "2026-11-01T08:00:00.000Z");
  for (const synchronised of ["no", "unknown"] as const) {
    assert.equal(corrected(face, { ...NOW, synchronised }), face);
  }
});

Deno.test("a face waits while the board settles, since a time server may still answer", () => {
  const early = { ...NOW, synchronised: "no", settling: true } as const;
  assert.equal(corrected(FACE, early), undefined);
  assert.equal(corrected(taken({}, "2026-11-01T08:00:00.000Z"), early), undefined);
  const fromBefore = taken({ bootId: "boot-1" }, "2026-11-01T08:00:00.000Z");
  assert.equal(corrected(fromBefore, early), fromBefore, "waiting does not help a face from an earlier boot");
});

Deno.test("a face of 1970 from an earlier boot gets the time of this boot, as a bound", () => {
  const { captured, clock } = corrected(taken({ bootId: "boot-1" }), NOW)!;
  assert.equal(captured, "2026-11-23T11:30:00.000Z");
  assert.equal(clock!.corrected!.exact, false);
  // A container keeps the boot id and begins to count again.
  assert.equal(corrected(taken({ monotonicMs: 1_801_000 }), NOW)!.clock!.corrected!.exact, false);
});

Deno.test("two runs of the program differ by up to a second, and no face gets a time in the future by that", () => {
  const { captured, clock } = corrected(taken({ monotonicMs: 1_800_900 }), NOW)!;
  assert.deepEqual([captured, clock!.corrected!.exact], ["2026-11-23T12:00:00.000Z", true]);
});

Deno.test("faces of a synchronised clock, of an unknown one and of older detectors are not changed", () => {
  const { clock: _, ...older } = FACE;
  const faces = [
    taken({ synchronised: "yes" }, "2026-11-01T08:00:00.000Z"),
    taken({ synchronised: "unknown" }, "2026-11-01T08:00:00.000Z"),
    older as FaceMetadata,
  ];
  for (const face of faces) {
    assert.equal(corrected(face, NOW), face);
    assert.equal(isProvisional(face), false);
  }
  assert.equal(isProvisional(taken({ synchronised: "unknown" })), true, "unknown, but of 1970");
});

Deno.test("a visit with an unreadable time is left as it is", () => {
  const face = { ...FACE, visit: { ...FACE.visit!, began: "soon" } };
  assert.equal(corrected(face, NOW)!.visit!.began, "soon");
});

/** A board whose clock was set from 1970 to noon, ten minutes after the boot. */
const SET_AFTER_MS = 600_000;
const clockAt = (monotonicMs: number): Clock => {
  const of = (wallMs: number): Moment => {
    const wasSet = wallMs > SET_AFTER_MS;
    const sinceBootMs = wasSet ? wallMs - NOON_MS + SET_AFTER_MS : wallMs;
    return { ...NOW, wallMs, synchronised: wasSet ? "yes" : "no", monotonicMs: sinceBootMs };
  };
  return {
    now: () => of(monotonicMs < SET_AFTER_MS ? monotonicMs : NOON_MS + monotonicMs - SET_AFTER_MS),
    momentOf: of,
  };
};
const { clock: _, ...UNTIMED } = FACE;
const BEFORE = { ...FACE.visit!, began: "1970-01-01T00:09:50.000Z", last: "1970-01-01T00:09:56.000Z" };

Deno.test("withClock() adds the state of the clock at the capture", () => {
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit: BEFORE };
  assert.deepEqual(withClock(metadata, clockAt(597_000)), {
    ...metadata,
    clock: { synchronised: "no", bootId: "boot-2", monotonicMs: 595_000 },
  });
});

Deno.test("withClock() corrects all times of a face that was captured before the clock was set", () => {
  const visit = { ...BEFORE, last: "2026-11-23T12:00:04.000Z" };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit };
  const { captured, visit: told, clock } = withClock(metadata, clockAt(610_000));
  assert.equal(captured, "2026-11-23T11:59:55.000Z");
  assert.equal(told!.began, "2026-11-23T11:59:50.000Z");
  assert.equal(told!.last, "2026-11-23T12:00:04.000Z");
  assert.equal(clock!.synchronised, "no");
  assert.equal(clock!.corrected!.from, metadata.captured);
});

Deno.test("withClock() keeps the times of a visit to the millisecond where the clock was not set", () => {
  const steady = clockAt(597_000);
  let jitterMs = 0;
  const clock = {
    ...steady,
    momentOf: (wallMs: number) => ({ ...steady.momentOf(wallMs), monotonicMs: wallMs + jitterMs++ }),
  };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit: BEFORE };
  assert.deepEqual(withClock(metadata, clock).visit, BEFORE);
});

Deno.test("withClock() gives the times of a visit by the clock at the capture, also when it began before", () => {
  const visit = { ...BEFORE, last: "2026-11-23T12:00:04.000Z" };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "2026-11-23T12:00:01.000Z", visit };
  const { captured, visit: told, clock } = withClock(metadata, clockAt(610_000));
  assert.equal(captured, metadata.captured);
  assert.equal(told!.began, "2026-11-23T11:59:50.000Z");
  assert.deepEqual(clock, { synchronised: "yes", bootId: "boot-2", monotonicMs: 601_000 });
});

const PICTURE = { width: 40, height: 30, rgb: new Uint8Array(3_600).map((_, index) => index * 7) };
const PNG_METADATA: FaceMetadata = {
  ...METADATA,
  captured: "1970-01-01T00:00:10.000Z",
  clock: { synchronised: "no", bootId: "boot", monotonicMs: 10_000 },
};
const PNG_NOW: Moment = {
  wallMs: Date.parse("2026-11-23T12:00:00.000Z"),
  synchronised: "yes",
  bootId: "boot",
  monotonicMs: 310_000,
  settling: false,
};

Deno.test("finalizeFace() changes the times everywhere in the file, and no pixel", () => {
  const { bytes } = writeFace(PICTURE, PNG_METADATA);
  const right = finalizeFace(bytes, PNG_NOW)!;
  const { metadata } = readFace(right);
  assert.equal(metadata!.captured, "2026-11-23T11:55:00.000Z");
  assert.equal(readPng(right).texts.get("Creation Time"), "2026-11-23T11:55:00.000Z");
  assert.equal(metadata!.clock!.corrected!.from, PNG_METADATA.captured);
  assert.equal(metadata!.sequence, 42);
  assert.deepEqual(decodePng(right), PICTURE);
  assert.equal(finalizeFace(right, { ...PNG_NOW, wallMs: PNG_NOW.wallMs + 5_000_000 }), right, "once only");
});

Deno.test("finalizeFace() gives no bytes for a face that waits, and the same bytes where nothing is to correct", () => {
  const { bytes } = writeFace(PICTURE, PNG_METADATA);
  assert.equal(finalizeFace(bytes, { ...PNG_NOW, wallMs: 310_000 }), undefined);
  const good = writeFace(PICTURE, { ...PNG_METADATA, captured: "2026-11-23T11:55:00.000Z" });
  assert.equal(finalizeFace(good.bytes, PNG_NOW), good.bytes);
  const plain = encodePng(PICTURE);
  assert.equal(finalizeFace(plain, PNG_NOW), plain);
});
