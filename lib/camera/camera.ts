import type { Frame } from "../image/frame.ts";

/** Anything that gives frames: a camera, a stream, a clip, pictures. */
export interface Camera {
  /** The source as the user wrote it, without passwords. */
  readonly name: string;

  /** Whether time passes for it: frames not taken in time are gone. A clip read as fast as possible waits instead. */
  readonly live: boolean;

  /** Whether its frames are pictures that have nothing to do with one another. */
  readonly stills?: true;

  /**
   * Frames in order, until the input ends or the signal is aborted. Throws a FatalError or ConfigError when there was
   * never a frame; a live camera that was lost later is waited for.
   */
  frames(options: { signal: AbortSignal }): AsyncIterable<Frame>;
}

/**
 * A camera was lost, told each time that it was opened anew in vain, or is back; one that waits is connected and has not
 * given a whole frame yet.
 */
export type CameraChange =
  | { readonly lost: true; readonly reason: string; readonly waiting?: true }
  | { readonly lost: false };
