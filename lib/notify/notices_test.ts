/** Which faces become notifications: once, and only when they are stored. */
import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import { writeFace } from "../face/face_file.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { formatReceipts } from "../face/receipt.ts";
import { encodePng } from "../image/png.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import type { NoticedFace } from "./noticed_face.ts";
import { Notices } from "./notices.ts";
import { NoticeState } from "./notice_state.ts";
import type { ServiceName } from "./notification.ts";
import { parseRoutes } from "./routes.ts";
import { UnstoredFaces } from "./unstored_faces.ts";

const NOW = "2026-11-26T12:00:00.000Z";
const BOOT = "2026-11-26T10:00:00.000Z";
const PICTURE = { width: 4, height: 3, rgb: new Uint8Array(36) };
type Why = "first" | "still" | "best";

/** A face of a visit that began at a time. */
function faceOf(visit: number, why: Why, { camera = "front", began = NOW, captured = NOW, ...more } = {}) {
  const of: FaceMetadata = {
    ...METADATA,
    clock: { ...METADATA.clock!, synchronised: "yes", monotonicMs: Date.parse(captured) - Date.parse(BOOT) },
    camera,
    captured,
    score: why === "best" ? 0.9 : 0.5,
    visit: { number: visit, detections: 2, began, last: captured, why },
    ...more,
  };
  return writeFace(PICTURE, of);
}

/** Notices whose services only note what they get, as `visit ntfy front 1 first`. */
async function round(
  { routes = "", folder, unstored, pictures }: {
    routes?: string;
    folder?: string;
    unstored?: UnstoredFaces;
    pictures?: boolean;
  } = {},
) {
  const said: string[] = [];
  const faces: NoticedFace[] = [];
  const sender = (name: ServiceName) => {
    const note = (event: string) => (face: NoticedFace) => {
      const { camera, visit, why } = face.facts;
      said.push(`${event} ${name} ${camera} ${visit ?? "-"} ${why ?? "-"}`);
      faces.push(face);
    };
    return { visit: note("visit"), update: note("update") };
  };
  const clock = { wallMs: Date.parse(NOW), monotonicMs: 5_000 };
  const state = await NoticeState.open({ folder, onDisk: (reason) => assert.equal(reason, undefined) });
  const notices = new Notices({
    clocks: { wallMs: () => clock.wallMs, monotonicMs: () => clock.monotonicMs },
    template: new KeyTemplate(DEFAULT_KEY),
    routes: parseRoutes(routes),
    state,
    senders: new Map([["ntfy", sender("ntfy")], ["webhook", sender("webhook")]]),
    unstored,
    pictures,
  });
  const stored = (...ids: string[]) => notices.receipts(formatReceipts(ids.map((id) => ({ id }))));
  return { notices, state, said, faces, clock, stored };
}

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
