/** The list of the last faces that were not sent. */
import assert from "node:assert/strict";
import type { Picture } from "../image/crop.ts";
import { jpegSize } from "../image/jpeg.ts";
import { UnsentFaces } from "./unsent_faces.ts";

const picture = (width: number, height: number): Picture => ({
  width,
  height,
  rgb: new Uint8Array(width * height * 3),
});

function add(faces: UnsentFaces, atMs: number, { x = 0, reason = "too_small", size = 50 } = {}): void {
  const box = { x, y: 0, width: size, height: size };
  faces.add(
    { reason, text: `${size} px`, detail: "", firstMs: atMs, lastMs: atMs, box },
    () => picture(320, 80),
  );
}

const times = (faces: UnsentFaces) => faces.all.map(({ firstMs, lastMs }) => [firstMs, lastMs]);

Deno.test("a face that stays in a place for one reason is one entry", () => {
  const faces = new UnsentFaces();
  add(faces, 0);
  add(faces, 1_000, { x: 30, size: 52 });
  add(faces, 4_000, { x: 60 });
  assert.deepEqual(times(faces), [[0, 4_000]]);
  assert.equal(faces.all[0].text, "50 px");
  add(faces, 4_000, { x: 300 });
  add(faces, 4_100, { reason: "ignored" });
  add(faces, 9_000, { x: 60 });
  assert.deepEqual(times(faces), [[9_000, 9_000], [4_100, 4_100], [4_000, 4_000], [0, 4_000]]);
});

Deno.test("ten entries are kept, each with a small picture", () => {
  const faces = new UnsentFaces();
  for (let nth = 0; nth < 12; nth++) add(faces, nth * 10_000);
  const [{ id: last }] = faces.all;
  assert.deepEqual(faces.all.map(({ id }) => last - id), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(faces.jpegOf(last - 10), undefined);
  assert.deepEqual(jpegSize(faces.jpegOf(last)!), { width: 160, height: 40 });
});

Deno.test("an entry has another id than those before a restart, whose pictures an open page keeps", () => {
  const [before, after] = [new UnsentFaces(), new UnsentFaces()];
  for (const faces of [before, after]) add(faces, 0);
  assert.notEqual(before.all[0].id, after.all[0].id);
});
