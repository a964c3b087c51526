/** Which faces become notifications: once, and only when they are stored. */
import assert from "node:assert/strict";
import { writeFace } from "../face/face_file.ts";
import { formatReceipts } from "../face/receipt.ts";
import { encodePng } from "../image/png.ts";
import { UnstoredFaces } from "./unstored_faces.ts";

import { faceOf, PICTURE, round } from "../testing/notice_round.ts";

Deno.test("a face becomes a message when its receipt says that it is stored, never before, and once", async () => {
  const { notices, said, stored } = await round();
  const face = faceOf(1, "first");
  notices.face(face.bytes);
  assert.deepEqual(said, []);
  stored(face.id);
  const once = ["visit ntfy front 1 first", "visit webhook front 1 first"];
  assert.deepEqual(said, once);
  for (let copy = 0; copy < 3; copy++) {
    notices.face(face.bytes);
    stored(face.id, face.id);
  }
  assert.deepEqual(said, once, "copies of face and receipt change nothing");
});

Deno.test("a receipt that arrives before its face counts, and one that says refused makes no message", async () => {
  const { notices, said, stored } = await round();
  const [early, refused] = [faceOf(1, "first"), faceOf(2, "first")];
  stored(early.id);
  notices.face(early.bytes);
  assert.equal(said.length, 2);
  notices.face(refused.bytes);
  notices.receipts(formatReceipts([{ id: refused.id, refused: "too large" }]));
  notices.receipts(new TextEncoder().encode(`nonsense\n${"f".repeat(63)}\n`));
  assert.equal(said.length, 2);
  assert.equal(notices.unstored, 0);
});

Deno.test("a visit has one message and one update: of its best face, whatever else is sent of it", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  for (const why of ["first", "still", "best", "best", "first"] as const) {
    const face = faceOf(1, why);
    notices.face(face.bytes);
    notices.face(face.bytes);
    stored(face.id);
    stored(face.id);
  }
  assert.deepEqual(said, ["visit ntfy front 1 first", "update ntfy front 1 best"]);
});

Deno.test("visits of another camera, board, epoch or begin are other visits", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  const others = [{}, { camera: "back" }, { device: "board2" }, { epoch: "e2" }, {
    began: "2026-11-26T11:00:00.000Z",
  }];
  for (const other of others) {
    const face = faceOf(1, "first", other);
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.equal(said.length, others.length);
});

Deno.test("faces without a visit and third-party pictures are messages of their own; other messages are none", async () => {
  const { notices, said, stored } = await round({ routes: "*=ntfy" });
  const { visit: _, ...without } = faceOf(1, "first").metadata!;
  const face = writeFace(PICTURE, without);
  assert.equal(notices.face(face.bytes), true);
  stored(face.id);
  const other = new Uint8Array(encodePng(PICTURE));
  notices.face(other);
  const { createHash } = await import("node:crypto");
  stored(createHash("sha256").update(other).digest("hex"));
  assert.deepEqual(said, ["visit ntfy front - -", "visit ntfy unknown - -"]);
  assert.equal(notices.face(new TextEncoder().encode("hello")), false);
  assert.equal(notices.face(new Uint8Array(0)), false);
});

Deno.test("a camera's visits go to its services", async () => {
  const { notices, said, stored } = await round({ routes: "front=ntfy back=none *=webhook" });
  for (const camera of ["front", "back", "yard"]) {
    const face = faceOf(1, "first", { camera });
    notices.face(face.bytes);
    stored(face.id);
  }
  assert.deepEqual(said, ["visit ntfy front 1 first", "visit webhook yard 1 first"]);
});

Deno.test("the age of a face is that at its capture: by its wall time, or its monotonic clock where that was not set", async () => {
  const { notices, faces, stored, clock } = await round({ routes: "*=ntfy" });
  const take = (face: ReturnType<typeof faceOf>) => {
    notices.face(face.bytes);
    stored(face.id);
    return clock.monotonicMs - faces.at(-1)!.takenMs;
  };
  assert.equal(take(faceOf(1, "first", { captured: "2026-11-26T11:00:00.000Z" })), 3_600_000);
  assert.equal(
    take(faceOf(2, "first", { captured: "2026-11-26T12:00:05.000Z" })),
    0,
    "a clock that is ahead",
  );
  const unset = (visit: number, monotonicMs: number) =>
    faceOf(visit, "first", {
      captured: "2026-11-20T00:00:00.000Z",
      ...{ clock: { synchronised: "no", bootId: "b", monotonicMs } },
    });
  assert.equal(take(unset(3, 100_000)), 0, "live, though its clock is six days behind");
  clock.monotonicMs += 1_000_000;
  assert.equal(take(unset(4, 500_000)), 600_000, "ten minutes of these were a delay");
  assert.equal(take(unset(5, 1_100_000)), 0);
});

Deno.test("with --pictures off no picture is kept", async () => {
  const { notices, faces, stored } = await round({ routes: "*=ntfy", pictures: false });
  const [early, face] = [faceOf(1, "first"), faceOf(2, "first")];
  stored(early.id);
  notices.face(early.bytes);
  notices.face(face.bytes);
  stored(face.id);
  assert.deepEqual(faces.map(({ picture }) => picture), [undefined, undefined]);
});

Deno.test("without receipts memory is bounded: pictures go first, then the oldest faces", async () => {
  const bytes = faceOf(0, "first").bytes.length;
  const limits = { maxFaces: 100, maxPictureBytes: 10 * bytes + 100, maxReceipts: 10 };
  const unstored = new UnstoredFaces(limits);
  const { notices, faces, stored } = await round({ routes: "*=ntfy", unstored });
  const all = Array.from({ length: 300 }, (_, visit) => faceOf(visit, "first"));
  for (const face of all) notices.face(face.bytes);
  assert.equal(notices.unstored, 100);
  assert.ok(unstored.pictureBytes <= limits.maxPictureBytes);
  stored(...all.map(({ id }) => id));
  assert.equal(faces.length, 100);
  assert.ok(faces.at(-1)!.picture, "the newest has its picture");
  assert.equal(faces[0].picture, undefined);
  assert.equal(notices.unstored, 0);
  assert.equal(unstored.pictureBytes, 0);
});
