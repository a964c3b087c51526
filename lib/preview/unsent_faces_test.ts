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
  assert.deepEqual(faces.all.map(({ id }) => id), [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  assert.equal(faces.jpegOf(2), undefined);
  assert.deepEqual(jpegSize(faces.jpegOf(12)!), { width: 160, height: 40 });
});
