/** Detects a camera that sends nothing, or data without a key frame. */
import { FatalError } from "../errors.ts";
import { Watchdog } from "./camera_process.ts";
import type { FfmpegMessages } from "./ffmpeg_messages.ts";

/** Limit for a first key frame while data arrive: cameras send one at least about every minute. */
const KEY_FRAME_MS = 120_000;

/** What is watched. */
export interface Watched {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** Time without a frame after which the source has stalled; 0: never. */
  readonly stallMs: number;
}

/** Detects that no frame arrives. While data arrive without a key frame, it waits up to KEY_FRAME_MS. */
export class StallDetector {
  /** Why no frame arrived; undefined before `onStall`. */
  error: FatalError | undefined;
  readonly #input: Watched;
  readonly #messages: FfmpegMessages;
  readonly #watchdog: Watchdog;
  #undecoded = 0;
  #waitedMs = 0;

  /** Starts at once. @param options.onStall called once, with `error` set. */
  constructor(
    input: Watched,
    messages: FfmpegMessages,
    { onWaiting, onStall }: { onWaiting?: (reason: string) => void; onStall: () => void },
  ) {
    this.#input = input;
    this.#messages = messages;
    this.#watchdog = new Watchdog(input.stallMs, () => {
      this.#waitedMs += input.stallMs;
      const hasData = messages.undecoded > this.#undecoded;
      this.#undecoded = messages.undecoded;
      if (hasData && this.#waitedMs < KEY_FRAME_MS) {
        onWaiting?.(`"${input.name}" sends data but no key frame yet`);
        return this.#watchdog.feed();
      }
      this.error = this.#errorOf(hasData);
      onStall();
    });
  }

  /** A frame has arrived; the time until `resume()` does not count. */
  pause(): void {
    this.#watchdog.end();
    this.#waitedMs = 0;
    this.#undecoded = this.#messages.undecoded;
  }

  /** Waits for the next frame. */
  resume(): void {
    this.#watchdog.feed();
  }

  #errorOf(hasData: boolean): FatalError {
    const { name } = this.#input;
    const waited = `${this.#waitedMs / 1000} s`;
    return hasData
      ? new FatalError(
        `"${name}" sent data but no key frame for ${waited}`,
        "set a shorter key frame interval (I-frame interval, GOP) in the camera",
      )
      : new FatalError(
        `"${name}" gave no frame for ${waited}`,
        "check that the camera sends, or set a longer --stall",
      );
  }
}
