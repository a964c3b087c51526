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
  const partOf = ({ set }: DayFaces) => set.group(visit.id);
  const ms = timeInKey(key);
  const days = ms === undefined ? [await undatedDay(index)] : [];
  let from = dayOf(ms ?? 0), to = from;
  while (ms !== undefined) {
    days.splice(0, Infinity, ...await index.open({ from, to: to + DAY_MS })); // Newest first.
    await Promise.all(days.map((day) => day.listed()));
    await readAll(index, days, key);
    if (partOf(days[0])) to += DAY_MS;
    else if (partOf(days.at(-1)!) && visit.beganMs < from && from > 0) from -= DAY_MS;
    else break;
  }
  if (ms === undefined) await readAll(index, days, key);
  return [...days, index.undated].filter((day, at, all) => all.indexOf(day) === at)
    .flatMap((day) => partOf(day) ?? []);
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

async function undatedDay(index: FaceIndex): Promise<DayFaces> {
  await index.refreshUndated();
  if (index.undated.isListed) return index.undated;
  throw new Error("the gallery has not listed all faces yet");
}

/** Reads the metadata of all faces of these days, except those whose keys name another camera. */
async function readAll(index: FaceIndex, days: readonly DayFaces[], key: string): Promise<void> {
  const camera = cameraInKey(key);
  const mayBelong = (other: string) => [camera, undefined].includes(camera && cameraInKey(other));
  const unread = () =>
    days.flatMap(({ set }) => [...set.faces()]).filter(({ key, info }) =>
      info === undefined && mayBelong(key)
    );
  await index.queue.read(unread());
  const { length } = unread();
  if (length === 0) return;
  const pictures = length === 1 ? "1 picture of that day" : `${length} pictures of that day`;
  throw new Error(`${pictures} cannot be read, so the visit may have more`);
}
