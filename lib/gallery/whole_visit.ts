/**
 * All faces of a visit. The index has a visit as far as days were opened and metadata read: enough for a page, which
 * shows more later, and too little to delete or to download a visit.
 */
import type { DayFaces } from "./day_faces.ts";
import { DAY_MS } from "./day_folders.ts";
import type { FaceIndex } from "./face_index.ts";
import type { FaceGroup } from "./face_set.ts";
import type { VisitInfo } from "./face_info.ts";
import { cameraInKey, timeInKey } from "./shown_face.ts";

/** The parts of a visit, one for each of its days: those before and after midnight. */
export async function wholeVisit(index: FaceIndex, key: string, visit: VisitInfo): Promise<FaceGroup[]> {
  const ms = timeInKey(key);
  const days = ms === undefined ? [] : await daysOf(index, { key, ms, visit });
  if (ms === undefined) await readUndated(index, key);
  return [...days, index.undated].flatMap(({ set }) => set.group(visit.id) ?? []);
}

/** The day of a face of the visit, and those before and after it as far as the visit reaches; all are read. */
async function daysOf(
  index: FaceIndex,
  { key, ms, visit }: { key: string; ms: number; visit: VisitInfo },
): Promise<readonly DayFaces[]> {
  const hasPart = ({ set }: DayFaces) => set.group(visit.id) !== undefined;
  let from = Math.floor(ms / DAY_MS) * DAY_MS;
  let to = from + DAY_MS;
  for (;;) {
    const days = await index.open({ from, to }); // Newest first.
    await Promise.all(days.map((day) => day.listed()));
    await readAll(index, days, key);
    if (hasPart(days[0])) to += DAY_MS;
    else if (hasPart(days.at(-1)!) && visit.beganMs < from && from > 0) from -= DAY_MS;
    else return days;
  }
}

async function readUndated(index: FaceIndex, key: string): Promise<void> {
  await index.refreshUndated();
  if (!index.undated.isListed) throw new Error("the gallery has not listed all faces yet");
  await readAll(index, [index.undated], key);
}

/** Reads the metadata of all faces of these days, except those whose keys name another camera. */
async function readAll(index: FaceIndex, days: readonly DayFaces[], key: string): Promise<void> {
  const camera = cameraInKey(key);
  const mayBelong = (other: string | undefined) => !camera || !other || other === camera;
  const unread = () =>
    days.flatMap(({ set }) => [...set.faces()])
      .filter(({ key, info }) => info === undefined && mayBelong(cameraInKey(key)));
  await index.queue.read(unread());
  const { length } = unread();
  if (length === 0) return;
  const pictures = length === 1 ? "1 picture of that day" : `${length} pictures of that day`;
  throw new Error(`${pictures} cannot be read, so the visit may have more`);
}
