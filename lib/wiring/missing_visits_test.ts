/** Each outage of a notifier's broker is logged, and many are no flood. */
import assert from "node:assert/strict";
import { missingVisits } from "./missing_visits.ts";

Deno.test("each outage has a line with its seconds; beyond 30 an hour, the next line has those of several", () => {
  const lines: unknown[] = [];
  let nowMs = 0;
  const back = missingVisits({ warn: (_, fields) => void lines.push(fields?.seconds) }, () => nowMs);
  back(1_500);
  nowMs += 5_000;
  back(700);
  assert.deepEqual(lines, [2, 1]);
  for (let outage = 0; outage < 100; outage++) back(1_000);
  assert.equal(lines.length, 30);
  nowMs += 3_600_000;
  back(1_000);
  assert.deepEqual(lines.slice(30), [73]);
});
