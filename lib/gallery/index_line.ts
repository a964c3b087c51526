/** One face as a line of an index file: JSON with what a listing and the face's first bytes have shown. */
import {
  count,
  type Fields,
  fields,
  number,
  oneOf,
  optional,
  type Reader,
  text,
} from "../face/known_fields.ts";
import type { FaceInfo, OwnInfo, VisitInfo } from "./face_info.ts";
import type { ListedFace } from "./shown_face.ts";

/** A face and its info, as an index file has them. */
export interface IndexedFace extends Pick<ListedFace, "key" | "bytes" | "writtenMs"> {
  readonly info: FaceInfo;
}

const name = text(/^[\w-]{1,64}$/);
const time = number({ min: 0, max: 8.64e15 });
const visit: Fields<VisitInfo> = {
  id: text(/^visit\/[\w/-]{1,400}$/),
  beganMs: time,
  lastMs: time,
  detections: count,
};
const own: Fields<OwnInfo> = {
  camera: name,
  device: name,
  capturedMs: time,
  why: optional(oneOf("first", "still", "best")),
  score: optional(number()),
  visit: optional(fields<VisitInfo>(visit)),
};
const info: Fields<FaceInfo> = {
  width: optional(number({ min: 1 })),
  height: optional(number({ min: 1 })),
  own: optional(fields<OwnInfo>(own)),
};
const line: Reader<IndexedFace> = fields<IndexedFace>({
  key: text(/^[^\p{Cc}]{1,1024}$/u),
  bytes: number({ min: 1 }),
  writtenMs: time,
  info: fields<FaceInfo>(info),
});

/** The line of a face, with its line feed. */
export function formatLine({ key, bytes, writtenMs, info }: IndexedFace): string {
  return JSON.stringify({ key, bytes, writtenMs, info }) + "\n";
}

/** Parses a line without its line feed; undefined for any other text: the file may be damaged or cut. */
export function parseLine(json: string): IndexedFace | undefined {
  try {
    return line(JSON.parse(json));
  } catch {
    return undefined;
  }
}
