/** Visits and faces as the page gets them, in JSON. */
import { printable } from "../printable.ts";
import { thumbUrlOf, urlOf } from "./face_address.ts";
import type { FaceGroup, KnownFace } from "./face_set.ts";
import { cameraInKey } from "./shown_face.ts";

/** Maximum number of faces of a visit that are sent; `count` has all of them. */
const MAX_FACES = 50;
/** The camera of a third-party picture, as in the saver's keys. */
const UNKNOWN = "unknown";
/** Maximum length of a camera's name in characters, as metadata allow it. */
const MAX_CAMERA = 64;

/** One picture. Times in milliseconds since 1970, sizes in pixels and bytes. */
export interface FaceView {
  readonly key: string;
  /** Relative to the page, as `thumb`. */
  readonly url: string;
  readonly thumb: string;
  readonly ms: number;
  readonly why: "first" | "still" | "best" | null;
  readonly score: number | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly size: number | null;
}

/** The faces of one visit, or one face without a visit. */
export interface VisitView {
  /** The key of its face where there is no visit. */
  readonly id: string;
  readonly camera: string;
  readonly device: string | null;
  /** Its place in the order, newest first. */
  readonly ms: number;
  readonly began: number;
  readonly last: number;
  readonly detections: number | null;
  /** Oldest first. */
  readonly faces: readonly FaceView[];
  readonly count: number;
  /** The index of the best face in `faces`. */
  readonly best: number;
}

/** A group as JSON. */
export function visitView(group: FaceGroup): VisitView {
  const best = bestOf(group.faces);
  const faces = someOf(group.faces, best);
  const visits = group.faces.flatMap(({ info }) => info?.own?.visit ?? []);
  const last = Math.max(group.faces.at(-1)!.ms, ...visits.map(({ lastMs }) => lastMs));
  return {
    id: group.id,
    camera: cameraOf(group),
    device: group.faces[0].info?.own?.device ?? null,
    ms: group.ms,
    began: group.ms,
    last: Math.max(group.ms, last),
    detections: visits.length > 0 ? Math.max(...visits.map(({ detections }) => detections)) : null,
    faces: faces.map(faceView),
    count: group.faces.length,
    best: faces.indexOf(best),
  };
}

/** A face as JSON. */
export function faceView({ key, ms, bytes, info }: KnownFace): FaceView {
  return {
    key,
    url: urlOf(key),
    thumb: thumbUrlOf(key),
    ms,
    why: info?.own?.why ?? null,
    score: info?.own?.score ?? null,
    width: info?.width ?? null,
    height: info?.height ?? null,
    size: Number.isNaN(bytes) ? null : bytes,
  };
}

/** The camera of a group: from its metadata or, where they were not read yet, from its key. */
export function cameraOf({ faces: [{ key, info }] }: FaceGroup): string {
  return info?.own?.camera ?? shownCameraInKey(key) ?? UNKNOWN;
}

/** The camera that a key names, as it may be shown; undefined for a third-party picture. */
export function shownCameraInKey(key: string): string | undefined {
  const name = cameraInKey(key);
  return name === undefined || name === UNKNOWN ? undefined : printable(name, { max: MAX_CAMERA });
}

/** The face with the highest score; of those without a score, the last one. */
function bestOf(faces: readonly KnownFace[]): KnownFace {
  const scoreOf = ({ info }: KnownFace) => info?.own?.score ?? -1;
  return faces.reduce((best, face) => scoreOf(face) >= scoreOf(best) ? face : best);
}

/** At most MAX_FACES faces: the first ones, and the best and the last one. */
function someOf(faces: readonly KnownFace[], best: KnownFace): readonly KnownFace[] {
  if (faces.length <= MAX_FACES) return faces;
  const others = faces.slice(0, -1).filter((face) => face !== best).slice(0, MAX_FACES - 2);
  const kept = new Set([...others, best, faces.at(-1)!]);
  return faces.filter((face) => kept.has(face));
}
