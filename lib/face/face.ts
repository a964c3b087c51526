import type { Box } from "../image/frame.ts";

/** What a face says of the visit that it stands for. */
export interface VisitFacts {
  /** Counts the visits since the start of the program from 1. */
  readonly number: number;
  /** How many detections there were so far. */
  readonly detections: number;
  /** RFC 3339 times of the first and of the last detection so far. */
  readonly began: string;
  readonly last: string;
  /** `first`: somebody is there; `still`: and has not left for long; `best`: has left, and this picture is better. */
  readonly why: "first" | "still" | "best";
}

/** What a face knows about itself. It travels inside the PNG and nowhere else. */
export interface FaceFacts {
  /** The camera's name, as in topics and keys: letters, digits, `_` and `-`. */
  readonly camera: string;
  /** The board's name. */
  readonly device: string;
  /** When the frame was taken: RFC 3339, UTC, milliseconds. */
  readonly captured: string;
  /** Drawn once with the detector's state folder; together with `sequence` it names the face for ever. */
  readonly epoch: string;
  /** Counts the faces of one epoch from 1, without gaps. */
  readonly sequence: number;
  /** What the cascade found, in pixels of the frame. */
  readonly box: Box;
  /** What was cut out: the box and its margin. */
  readonly crop: Box;
  /** The size of the frame in pixels. */
  readonly frame: { readonly width: number; readonly height: number };
  /** How good a picture it is, 0..1; see lib/image/quality.ts. */
  readonly score?: number;
  /** The visit that it stands for; absent where every detection is a face of its own. */
  readonly visit?: VisitFacts;
  /** The cascade's file name. */
  readonly cascade: string;
  /** The detection's parameters under OpenCV's names. */
  readonly settings: Readonly<Record<string, number>>;
}

/** A face as it travels: the PNG's bytes, their SHA-256 as identity, and what the bytes say. */
export interface FaceFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly id: string;
  /** Pixels of the picture itself. */
  readonly width: number;
  readonly height: number;
  readonly contentType: "image/png" | "image/jpeg";
  /** Absent for a stranger's picture, about which only the above is known. */
  readonly facts?: FaceFacts;
}
