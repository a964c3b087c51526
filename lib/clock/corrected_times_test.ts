import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import type { Clock, Moment } from "./clock.ts";
import { corrected, isProvisional, withClock } from "./corrected_times.ts";

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

Deno.test("a face of a clock that is set by now gets its true time, and says so", () => {
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

Deno.test("a clock as it was when the board was switched off is put right too, forwards and backwards", () => {
  for (const captured of ["2026-11-01T08:00:00.000Z", "2026-12-24T18:00:00.000Z"]) {
    assert.equal(corrected(taken({}, captured), NOW)!.captured, "2026-11-23T11:40:00.000Z");
  }
});

Deno.test("a clock that was right within a second is left as it is", () => {
  const face = taken({}, "2026-11-23T11:40:00.999Z");
  assert.equal(corrected(face, NOW), face);
  assert.notEqual(corrected(taken({}, "2026-11-23T11:40:01.000Z"), NOW)!.clock!.corrected, undefined);
});

Deno.test("a face waits while the clock shows a time that cannot be, whoever says that it is synchronised", () => {
  assert.equal(corrected(FACE, IN_1970), undefined);
  assert.equal(corrected(FACE, { ...IN_1970, synchronised: "unknown" }), undefined);
  assert.equal(corrected(taken({ synchronised: "yes" }), { ...IN_1970, synchronised: "yes" }), undefined);
  assert.equal(corrected(taken({ bootId: "boot-1" }), IN_1970), undefined);
});

Deno.test("a clock that was set by hand is better than 1970, and the face says what it is worth", () => {
  for (const synchronised of ["no", "unknown"] as const) {
    const { captured, clock } = corrected(FACE, { ...NOW, synchronised })!;
    assert.equal(captured, "2026-11-23T11:40:00.000Z");
    assert.equal(clock!.corrected!.synchronised, synchronised);
  }
});

Deno.test("a time that can be is not corrected by a clock that may be wrong itself", () => {
  const face = taken({}, "2026-11-01T08:00:00.000Z");
  for (const synchronised of ["no", "unknown"] as const) {
    assert.equal(corrected(face, { ...NOW, synchronised }), face);
  }
});

Deno.test("so soon after the boot that a time server may not have answered, a face waits for it", () => {
  const early = { ...NOW, synchronised: "no", settling: true } as const;
  assert.equal(corrected(FACE, early), undefined);
  assert.equal(corrected(taken({}, "2026-11-01T08:00:00.000Z"), early), undefined);
  const fromBefore = taken({ bootId: "boot-1" }, "2026-11-01T08:00:00.000Z");
  assert.equal(corrected(fromBefore, early), fromBefore, "waiting cannot help it");
});

Deno.test("of a face of 1970 from before the last boot only a bound is known: the start of this one", () => {
  const { captured, clock } = corrected(taken({ bootId: "boot-1" }), NOW)!;
  assert.equal(captured, "2026-11-23T11:30:00.000Z");
  assert.equal(clock!.corrected!.exact, false);
  // A container keeps the boot id and begins to count again.
  assert.equal(corrected(taken({ monotonicMs: 1_801_000 }), NOW)!.clock!.corrected!.exact, false);
});

Deno.test("another run of the program counts up to a second differently; nothing is from the future by that", () => {
  const { captured, clock } = corrected(taken({ monotonicMs: 1_800_900 }), NOW)!;
  assert.deepEqual([captured, clock!.corrected!.exact], ["2026-11-23T12:00:00.000Z", true]);
});

Deno.test("faces of a synchronised clock, of one that nobody can tell of, and of older detectors go as they are", () => {
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

Deno.test("a visit without a time that can be read is no obstacle", () => {
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

Deno.test("a face says by which clock it was taken", () => {
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit: BEFORE };
  assert.deepEqual(withClock(metadata, clockAt(597_000)), {
    ...metadata,
    clock: { synchronised: "no", bootId: "boot-2", monotonicMs: 595_000 },
  });
});

Deno.test("a picture from before the clock was set and handed over after it has all its times right", () => {
  const visit = { ...BEFORE, last: "2026-11-23T12:00:04.000Z" };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit };
  const { captured, visit: told, clock } = withClock(metadata, clockAt(610_000));
  assert.equal(captured, "2026-11-23T11:59:55.000Z");
  assert.equal(told!.began, "2026-11-23T11:59:50.000Z");
  assert.equal(told!.last, "2026-11-23T12:00:04.000Z");
  assert.equal(clock!.synchronised, "no");
  assert.equal(clock!.corrected!.from, metadata.captured);
});

Deno.test("the times of a visit are as they were told, to the millisecond, where the clock was not set", () => {
  const steady = clockAt(597_000);
  let jitterMs = 0;
  const clock = {
    ...steady,
    momentOf: (wallMs: number) => ({ ...steady.momentOf(wallMs), monotonicMs: wallMs + jitterMs++ }),
  };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "1970-01-01T00:09:55.000Z", visit: BEFORE };
  assert.deepEqual(withClock(metadata, clock).visit, BEFORE);
});

Deno.test("a visit that began before the clock was set is told by the clock of the picture", () => {
  const visit = { ...BEFORE, last: "2026-11-23T12:00:04.000Z" };
  const metadata: FaceMetadata = { ...UNTIMED, captured: "2026-11-23T12:00:01.000Z", visit };
  const { captured, visit: told, clock } = withClock(metadata, clockAt(610_000));
  assert.equal(captured, metadata.captured);
  assert.equal(told!.began, "2026-11-23T11:59:50.000Z");
  assert.deepEqual(clock, { synchronised: "yes", bootId: "boot-2", monotonicMs: 601_000 });
});
