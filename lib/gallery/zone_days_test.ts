/** Days in time zones. */
import assert from "node:assert/strict";
import { dayIn } from "./zone_days.ts";

const utc = (...parts: [number, number, number, number?, number?]) => Date.UTC(...parts);

Deno.test("a day begins and ends at midnight of its zone", () => {
  for (
    const [zone, ms, from, to] of [
      ["UTC", utc(2026, 10, 26, 12), utc(2026, 10, 26), utc(2026, 10, 27)],
      ["Europe/Amsterdam", utc(2026, 10, 26, 22, 59), utc(2026, 10, 25, 23), utc(2026, 10, 26, 23)],
      ["Europe/Amsterdam", utc(2026, 10, 26, 23), utc(2026, 10, 26, 23), utc(2026, 10, 27, 23)],
      ["America/Los_Angeles", utc(2026, 10, 26, 0), utc(2026, 10, 25, 8), utc(2026, 10, 26, 8)],
      ["Asia/Kathmandu", utc(2026, 10, 26, 18, 14), utc(2026, 10, 25, 18, 15), utc(2026, 10, 26, 18, 15)],
      ["Pacific/Kiritimati", utc(2026, 10, 26, 12), utc(2026, 10, 26, 10), utc(2026, 10, 27, 10)],
    ] as const
  ) {
    assert.deepEqual(dayIn(zone, ms), { from, to }, zone);
  }
});

Deno.test("a day on which clocks change has 23 or 25 hours, also where midnight does not exist", () => {
  const hours = (zone: string, ms: number) => {
    const { from, to } = dayIn(zone, ms);
    assert.ok(from <= ms && ms < to);
    return (to - from) / 3_600_000;
  };
  assert.equal(hours("Europe/Amsterdam", utc(2026, 2, 29, 12)), 23);
  assert.equal(hours("Europe/Amsterdam", utc(2026, 9, 25, 12)), 25);
  assert.equal(hours("America/Sao_Paulo", utc(2018, 10, 4, 12)), 23); // It began at 01:00.
  assert.equal(hours("Australia/Lord_Howe", utc(2026, 3, 4, 20)), 24.5);
});

Deno.test("the days of a year follow one another without a gap", () => {
  for (const zone of ["Europe/Amsterdam", "America/St_Johns", "Africa/Cairo"]) {
    let day = dayIn(zone, utc(2026, 0, 1));
    for (let count = 0; count < 366; count++) {
      const next = dayIn(zone, day.to);
      assert.equal(next.from, day.to, zone);
      assert.deepEqual(dayIn(zone, next.to - 1), next);
      day = next;
    }
  }
});

Deno.test("days of all years of a key end: their minutes exceed 31 bits", () => {
  for (const year of [1970, 4010, 4100, 6100, 9999]) {
    const from = utc(year, 11, 31);
    assert.deepEqual(dayIn("UTC", from + 1), { from, to: from + 24 * 3_600_000 }, String(year));
  }
});

Deno.test("an unknown zone is a RangeError", () => {
  for (const zone of ["Mars/Base", "", "../etc"]) assert.throws(() => dayIn(zone, 0), RangeError, zone);
});
