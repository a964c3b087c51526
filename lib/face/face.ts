/** A face and its metadata: the nouns that all programs share. docs/FORMATS.md specifies the format. */
import type { Box, Point } from "../image/frame.ts";

/** The visit that a face belongs to. */
export interface VisitMetadata {
  /** The number of the visit since the start of the program, from 1. */
  readonly number: number;
  /** The number of detections so far. */
  readonly detections: number;
  /** RFC 3339 times of the first and of the last detection so far. */
  readonly began: string;
  readonly last: string;
  /** `first`: the visit is confirmed; `still`: it has lasted for --visit-still; `best`: it has ended, with a better picture. */
  readonly why: "first" | "still" | "best";
}

/** Whether the clock is synchronised by a time server; `unknown` where that cannot be found out, as in most containers. */
export type Synchronised = "yes" | "no" | "unknown";

/** The clock that a face's times were read from. */
export interface ClockMetadata {
  /** Whether it was synchronised when the face was taken. */
  readonly synchronised: Synchronised;
  /** The boot of the board; `run-` and an identifier of the run of the program where there is no boot identifier. */
  readonly bootId: string;
  /** When the face was taken, milliseconds since that boot, by a monotonic clock. */
  readonly monotonicMs: number;
  /** Present when the times of the face were corrected before it was sent. */
  readonly corrected?: ClockCorrection;
}

/** How the times of a face were corrected. */
export interface ClockCorrection {
  /** The value of `captured` before. */
  readonly from: string;
  /** Milliseconds that were added to it, and to the times of the visit. */
  readonly byMs: number;
  /** Whether the clock was synchronised at the correction. */
  readonly synchronised: Synchronised;
  /** True: correct within a second. False when the board was restarted in between: taken at `captured` or earlier. */
  readonly exact: boolean;
}

/** The metadata of a face. It is stored inside the PNG and nowhere else. */
export interface FaceMetadata {
  /** The camera's name, as in topics and keys: letters, digits, `_` and `-`. */
  readonly camera: string;
  /** The board's name. */
  readonly device: string;
  /** When the frame was taken: RFC 3339, UTC, milliseconds. */
  readonly captured: string;
  /** How far `captured` can be trusted; absent in faces of a detector before 0.1.0. */
  readonly clock?: ClockMetadata;
  /** A random text for each state folder of a detector; with `sequence` it identifies the face permanently. */
  readonly epoch: string;
  /** The number of the face in its epoch, from 1, without gaps. */
  readonly sequence: number;
  /** The detection, in pixels of the frame. */
  readonly box: Box;
  /** The part of the frame in the picture: the box and its margin. */
  readonly crop: Box;
  /** The size of the frame in pixels. */
  readonly frame: { readonly width: number; readonly height: number };
  /** Pixels of the picture for each pixel of `crop`; present when the picture was scaled down to fit `--max-face`. */
  readonly scale?: number;
  /** The quality of the picture, 0 to 1; see lib/image/quality.ts. */
  readonly score?: number;
  /** The part of `score` that says how sharp the picture is, 0 to 1; absent in faces of a detector before 0.1.0. */
  readonly sharpness?: number;
  /** The number of windows in the detection, and its level weight in OpenCV: the higher, the surer. */
  readonly neighbors?: number;
  readonly weight?: number;
  /** The visit of the face; absent without visits, where every detection is a face. */
  readonly visit?: VisitMetadata;
  /** How sure a network is of the face, 0 to 1. */
  readonly detectionScore?: number;
  /**
   * Five points in pixels of the frame, rounded to a tenth: right eye, left eye, tip of the nose, right and left mouth
   * corner; right and left of the person. A point may lie outside of the crop, or of the frame.
   */
  readonly landmarks?: readonly Point[];
  /** The file name of a Haar engine's cascade. */
  readonly cascade?: string;
  /** The file name of a network, without its extension. */
  readonly model?: string;
  /** The parameters of the detection; those of Haar have OpenCV's names. */
  readonly settings: Readonly<Record<string, number>>;
}

/** A face as it is sent and stored: the bytes, their SHA-256 as identity, and the parsed metadata. */
export interface FaceFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly id: string;
  /** Size of the picture in pixels. */
  readonly width: number;
  readonly height: number;
  readonly contentType: "image/png" | "image/jpeg";
  /** Absent in a third-party picture. */
  readonly metadata?: FaceMetadata;
}
