/** The faces of bench:gallery: two for each visit, with metadata, under the saver's default keys. */
import { dirname, join } from "node:path";
import type { FaceMetadata } from "../lib/face/face.ts";
import { writeFace } from "../lib/face/face_file.ts";
import { keyOfFace } from "../lib/testing/gallery_store.ts";
import { METADATA } from "../lib/testing/face_metadata.ts";

const DAY_MS = 24 * 3_600_000;
const CAMERAS = ["door", "yard", "garage"];
/** A small picture, so that a hundred thousand fit on a disk; its file is longer than what the index reads. */
const SIDE_PX = 48;
const PICTURE = {
  width: SIDE_PX,
  height: SIDE_PX,
  rgb: Uint8Array.from(
    { length: SIDE_PX ** 2 * 3 },
    (_, index) => Math.imul(index * index, 2654435761) >>> 13,
  ),
};

/** Writes faces at equal intervals: `day` of yesterday, as many of the day before, and so on. */
export async function writeFaces(
  folder: string,
  { faces, day }: { faces: number; day: number },
): Promise<void> {
  const yesterday = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS;
  const stepMs = DAY_MS / Math.min(day, faces);
  const folders = new Set<string>();
  for (let count = 0; count < faces; count++) {
    const startMs = yesterday - Math.floor(count / day) * DAY_MS;
    const { key, bytes } = faceAt(startMs + Math.floor((count % day) * stepMs), count);
    const path = join(folder, key);
    if (!folders.has(dirname(path))) await Deno.mkdir(dirname(path), { recursive: true });
    folders.add(dirname(path));
    Deno.writeFileSync(path, bytes);
  }
}

/** The two faces of a visit follow one another. */
function faceAt(ms: number, count: number): { key: string; bytes: Uint8Array } {
  const time = (ms: number) => new Date(ms).toISOString();
  const visit = Math.floor(count / 2);
  const camera = CAMERAS[visit % CAMERAS.length];
  const metadata: FaceMetadata = {
    ...METADATA,
    camera,
    captured: time(ms),
    sequence: count + 1,
    score: (count % 100) / 100,
    visit: {
      number: visit + 1,
      detections: 10 + visit % 50,
      began: time(Math.floor(ms / 60_000) * 60_000),
      last: time(ms),
      why: count % 2 === 0 ? "first" : "best",
    },
  };
  const { bytes, id } = writeFace(PICTURE, metadata);
  return { key: keyOfFace(ms, camera, id.slice(0, 12)), bytes };
}
