import type { Box } from "../image/frame.ts";

/** What a face says of the visit that it stands for. */
export interface VisitMetadata {
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

/** Whether a time server keeps a board's clock right; unknown where nobody can tell, as in most containers. */
export type Synchronised = "yes" | "no" | "unknown";

/** What a face says of the clock that its times were read from. */
export interface ClockMetadata {
  /** Whether it was synchronised when the face was taken. */
  readonly synchronised: Synchronised;
  /** The boot of the board; `run-` and the run of the program where boots cannot be told apart. */
  readonly bootId: string;
  /** When the face was taken, milliseconds since that boot: by a clock that nobody sets. */
  readonly monotonicMs: number;
  /** Present when the face's times were corrected before it was sent. */
  readonly corrected?: ClockCorrection;
}

/** How the times of a face were corrected. */
export interface ClockCorrection {
  /** What `captured` was before. */
  readonly from: string;
  /** What was added to it, and to the times of the visit. */
  readonly byMs: number;
  /** Whether the clock that it was corrected by was synchronised. */
  readonly synchronised: Synchronised;
  /** True: within a second. False, when the board was restarted in between: taken at `captured` or earlier. */
  readonly exact: boolean;
}

/** What a face knows about itself. It travels inside the PNG and nowhere else. */
export interface FaceMetadata {
  /** The camera's name, as in topics and keys: letters, digits, `_` and `-`. */
  readonly camera: string;
  /** The board's name. */
  readonly device: string;
  /** When the frame was taken: RFC 3339, UTC, milliseconds. */
  readonly captured: string;
  /** What is to be thought of `captured`; absent in faces of a detector before 0.1.0. */
  readonly clock?: ClockMetadata;
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
  /** Pixels of the picture for each pixel of `crop`; present when it was scaled down to fit a limit in bytes. */
  readonly scale?: number;
  /** How good a picture it is, 0..1; see lib/image/quality.ts. */
  readonly score?: number;
  /** How many windows of the search agreed on it, and the cascade's level weight: more is surer. */
  readonly neighbors?: number;
  readonly weight?: number;
  /** The visit that it stands for; absent where every detection is a face of its own. */
  readonly visit?: VisitMetadata;
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
  readonly metadata?: FaceMetadata;
}
