/** The visits of a day as the page holds them: indices before anything is loaded, parts, changes. */
import assert from "node:assert/strict";
import { DayModel, PART_VISITS, QUARTER_MS } from "../../lib/gallery/page/day_model.js";
import type { Visit } from "./double.ts";
import { visitAt } from "./visits.ts";

const FROM = Date.UTC(2026, 0, 31);
const DAY_MS = 96 * QUARTER_MS;

/** A day with these numbers of visits in its first quarters, and the visits themselves, newest first. */
function dayOf(...counts: number[]) {
  const model = new DayModel(FROM, FROM + DAY_MS);
  const visits: Visit[] = [];
  for (const [quarter, count] of counts.entries()) {
    for (let index = 0; index < count; index++) {
      visits.unshift(visitAt(FROM + quarter * QUARTER_MS + index * 500, quarter * 1_000 + index));
    }
  }
  model.setCounts(counts);
  return { model, visits };
}

/** Answers requests of a model until the visits from `start` to `end` are loaded. Returns their number. */
function load(model: DayModel, visits: Visit[], start: number, end: number, limit = PART_VISITS): number {
  for (let requests = 0;; requests++) {
    const part = model.missing(start, end);
    if (!part) return requests;
    assert.ok(requests < 100, "it ends");
    const all = visits.filter(({ ms }) => ms >= part.from && ms < part.to);
    const first = Number(part.before ?? 0);
    const next = first + limit < all.length ? String(first + limit) : null;
    model.take(part, all.slice(first, first + limit), next);
  }
}

const idsOf = (visits: readonly (Visit | undefined)[]) => visits.map((visit) => visit?.id);

Deno.test("indices count from the newest visit, before any is loaded", () => {
  const { model } = dayOf(1, 0, 5, 2);
  assert.equal(model.size, 8);
  assert.deepEqual([3, 2, 1, 0].map((quarter) => model.indexOfQuarter(quarter)), [0, 2, 7, 7]);
  assert.deepEqual(model.slice(0, 3), [undefined, undefined, undefined]);
});

Deno.test("any part of a day is loaded without what lies before it", () => {
  const { model, visits } = dayOf(100, 100, 100, 100);
  assert.equal(load(model, visits, 150, 160), 1);
  assert.deepEqual(idsOf(model.slice(150, 160)), idsOf(visits.slice(150, 160)));
  assert.equal(model.held, 100);
  assert.equal(load(model, visits, 0, 400), 3);
  assert.deepEqual(idsOf(model.slice(0, 400)), idsOf(visits));
});

Deno.test("a quarter with more visits than one answer is loaded by its cursor", () => {
  const { model, visits } = dayOf(3, 1_000, 2);
  assert.equal(load(model, visits, 0, 10), 2);
  assert.equal(model.held, 2 + PART_VISITS);
});

Deno.test("an answer that ends within a quarter is continued when its rest is needed", () => {
  const { model, visits } = dayOf(0, 500);
  load(model, visits, 0, 10);
  assert.equal(model.held, PART_VISITS);
  assert.equal(model.size, 500);
  load(model, visits, 480, 500);
  assert.deepEqual(idsOf(model.slice(0, 500)), idsOf(visits));
});

Deno.test("visits enter, change and leave in their order", () => {
  const { model, visits } = dayOf(2, 2);
  load(model, visits, 0, 4);
  const late = visitAt(visits[2].ms + 1, 77);
  assert.ok(model.covers(late));
  assert.equal(model.put(late), true);
  assert.equal(model.indexOf(late.id), 2);
  assert.equal(model.put({ ...late, count: 9 }), false);
  assert.deepEqual([model.size, model.slice(2, 3)[0]?.count], [5, 9]);
  assert.equal(model.remove(late.id), true);
  assert.equal(model.remove(late.id), false);
  assert.equal(model.size, 4);
});

Deno.test("a new count reloads a quarter, which shows its old list until then", () => {
  const { model, visits } = dayOf(2);
  load(model, visits, 0, 2);
  model.setCounts([3]);
  assert.equal(model.size, 2);
  const more = [visitAt(visits[0].ms + 5, 9), ...visits];
  assert.equal(load(model, more, 0, 3), 1);
  assert.deepEqual(idsOf(model.slice(0, 3)), idsOf(more));
});

Deno.test("visits of a range that may have changed are shown until they are loaded again", () => {
  const { model, visits } = dayOf(2, 2);
  load(model, visits, 0, 4);
  model.outdate({ from: FROM, to: FROM + QUARTER_MS });
  assert.deepEqual(idsOf(model.slice(0, 4)), idsOf(visits));
  assert.deepEqual(model.missing(0, 4), { from: FROM, to: FROM + QUARTER_MS, before: null });
});

Deno.test("forgotten visits keep their place", () => {
  const { model, visits } = dayOf(50, 50, 50);
  load(model, visits, 0, 150);
  model.forget(0, 10);
  assert.deepEqual([model.held, model.size], [50, 150]);
  assert.equal(load(model, visits, 149, 150), 1);
});

Deno.test("wrong counts of a gallery do no harm", () => {
  const { model, visits } = dayOf(1);
  model.setCounts([-5, 2.7, NaN as number]);
  assert.equal(model.size, 2);
  assert.equal(load(model, visits, 0, 2), 1);
  assert.equal(model.size, 0);
});
