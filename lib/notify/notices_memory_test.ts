/** What notices know of visits: once each, over restarts, long visits and clocks that are set. */
import assert from "node:assert/strict";
import { writeFace } from "../face/face_file.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { faceOf, NOW, PICTURE, round, type Why } from "../testing/notice_round.ts";
import { TempFolder } from "../testing/temp_folder.ts";

Deno.test("where the first face of a visit was missed, the next one is the message", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  const faces = [faceOf(1, "best"), faceOf(1, "first"), faceOf(2, "still"), faceOf(2, "best")];
  for (const face of faces) {
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.deepEqual(said, ["visit ntfy front 1 best", "visit ntfy front 2 still", "update ntfy front 2 best"]);
});

Deno.test("a visit that lasts while many others come and go has one message", async () => {
  const { notices, said, stored } = await round({ routes: "front=ntfy *=none" });
  const show = (...[visit, why, more]: Parameters<typeof faceOf>) => {
    const face = faceOf(visit, why, more);
    notices.face(face.bytes);
    stored(face.id);
  };
  show(1, "first");
  for (let minute = 1; minute <= 3; minute++) {
    for (let visit = 1; visit <= 300; visit++) show(1000 * minute + visit, "first", { camera: "back" });
    show(1, "still", { captured: `2026-11-26T12:0${minute}:00.000Z` });
  }
  assert.deepEqual(said, ["visit ntfy front 1 first"]);
});

Deno.test("a visit during which the clock of the board is set has one message", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  const show = (minute: number, day: string, began: string, why: Why) => {
    const captured = `${day}T12:0${minute}:00.000Z`;
    const clock = { ...METADATA.clock!, monotonicMs: 5_000_000 + 60_000 * minute };
    const face = faceOf(1, why, { captured, began: `${day}T11:59:59.${began}Z`, ...{ clock } });
    notices.face(face.bytes);
    stored(face.id);
  };
  show(1, "2026-11-20", "138", "first");
  for (const [nth, began] of ["136", "001", "998"].entries()) show(2 + nth, "2026-11-26", began, "still");
  show(5, "2026-11-26", "137", "best");
  assert.deepEqual(said, ["visit ntfy front 1 first", "update ntfy front 1 best"]);
});

Deno.test("a still face is no message where its first face may have been sent before the start", async () => {
  const { notices, said, stored, clock } = await round({ routes: "*=ntfy" });
  clock.wallMs += 120_000;
  clock.monotonicMs += 120_000;
  const captured = "2026-11-26T12:02:00.000Z";
  const began = ["2026-11-26T11:59:59.000Z", "2026-11-26T12:00:01.000Z"];
  const faces = began.map((began, index) => faceOf(1 + index, "still", { began, captured }));
  for (const face of faces) {
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.deepEqual(said, ["visit ntfy front 2 still"]);
});

Deno.test("a still face of a visit that the state does not have is a message after a restart", async () => {
  using folder = new TempFolder();
  const before = await round({ folder: folder.path, routes: "*=ntfy" });
  const known = faceOf(1, "first");
  before.notices.face(known.bytes);
  before.stored(known.id);
  await before.state.save();
  const { notices, said, stored } = await round({ folder: folder.path, routes: "*=ntfy" });
  const captured = "2026-11-26T12:01:00.000Z";
  for (const visit of [1, 2]) {
    const face = faceOf(visit, "still", { captured });
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.deepEqual(said, ["visit ntfy front 2 still"]);
});

Deno.test("the first visits of two runs that follow each other at once are two", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  for (const began of ["2026-11-26T11:59:58.000Z", NOW]) {
    const face = faceOf(1, "first", { began, captured: NOW });
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.equal(said.length, 2);
});

Deno.test("a still face is no message where its visit may be forgotten, and faces without visits let none be", async () => {
  const { notices, said, stored, clock } = await round({ routes: "front=ntfy *=none" });
  const show = (face: ReturnType<typeof faceOf>) => {
    notices.face(face.bytes);
    stored(face.id);
  };
  const still = (visit: number, began: string) =>
    show(faceOf(visit, "still", { began, captured: new Date(clock.wallMs).toISOString() }));
  const pass = (ms: number) => {
    clock.wallMs += ms;
    clock.monotonicMs += ms;
  };
  show(faceOf(1, "first"));
  for (let sequence = 1; sequence <= 600; sequence++) {
    const { visit: _, ...every } = faceOf(1, "first", { camera: "back", ...{ sequence } }).metadata!;
    show(writeFace(PICTURE, every));
  }
  pass(60_000);
  still(1, NOW);
  assert.deepEqual(said, ["visit ntfy front 1 first"]);
  pass(60_000);
  for (let visit = 1; visit <= 500; visit++) show(faceOf(visit, "first", { camera: "back" }));
  pass(60_000);
  still(1, NOW);
  assert.deepEqual(said, ["visit ntfy front 1 first"]);
  still(2, "2026-11-26T12:02:30.000Z");
  assert.deepEqual(said, ["visit ntfy front 1 first", "visit ntfy front 2 still"]);
});

Deno.test("after a restart no copy is a message again, and the best face still finds its message", async () => {
  using folder = new TempFolder();
  const face = faceOf(1, "first");
  const before = await round({ folder: folder.path, routes: "*=ntfy" });
  before.notices.face(face.bytes);
  before.stored(face.id);
  before.state.sent(before.faces[0].visitKey, "ntfy", "17");
  await before.state.save();
  const after = await round({ folder: folder.path, routes: "*=ntfy" });
  after.notices.face(face.bytes);
  after.stored(face.id);
  assert.deepEqual(after.said, []);
  const best = faceOf(1, "best");
  after.notices.face(best.bytes);
  after.stored(best.id);
  assert.deepEqual(after.said, ["update ntfy front 1 best"]);
  assert.deepEqual(after.state.visits.get(after.faces[0].visitKey), { ntfy: "17" });
});
