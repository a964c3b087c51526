/** The interface of every source of frames. */
import type { Frame } from "../image/frame.ts";
import type { Demand } from "./demand.ts";

/** A source of frames: a camera, a stream, a clip, pictures. */
export interface Camera {
  /** The source as the user wrote it, without passwords; for messages. */
  readonly name: string;

  /** Whether frames that are not taken in time are lost. False for a clip that is read as fast as possible. */
  readonly live: boolean;

  /** Whether its frames are independent pictures. */
  readonly stills?: true;

  /** Whether it may give smaller frames, see Demand. */
  readonly mayReduce?: boolean;

  /** How much the input holds, of an input with an end; undefined until that is known, and where it is not. */
  readonly extent?: () => Extent | undefined;

  /**
   * Frames in order, until the input ends or the signal is aborted. Throws a FatalError or ConfigError when it cannot
   * read a first frame. A live camera that is lost after a first frame is reopened until it returns.
   */
  frames(options: FrameOptions): AsyncIterable<Frame>;
}

/** How frames are read. */
export interface FrameOptions {
  readonly signal: AbortSignal;
  /** Which frames are needed; by default every frame. Read by live cameras that can leave out frames. */
  readonly demand?: Demand;
}

/** The length of an input: the duration of a clip, as its file states it, or a number of pictures. */
export type Extent = { readonly durationMs: number } | { readonly frames: number };

/**
 * A change of a live camera. `lost: true`: the camera was lost, or a further attempt to reopen it failed; with `waiting`
 * it is connected and has given no frame yet. `lost: false`: it gives frames again.
 */
export type CameraChange =
  | { readonly lost: true; readonly reason: string; readonly waiting?: true }
  | { readonly lost: false };
