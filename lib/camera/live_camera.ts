/** A camera that is opened again whenever it is lost, whichever program reads it. */
import { FatalError, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import type { Camera, CameraChange } from "./camera.ts";

/** Long enough for the Ctrl-C that also ended the camera's program to reach us. */
const STOP_NOTICE_MS = 200;

/** A camera that can be opened more than once; its frames end, or throw, when it is lost. */
export interface ReopenableSource {
  /** The source without passwords, for messages. */
  readonly name: string;
  frames(options: {
    signal: AbortSignal;
    /** Told when it is connected and gives no frame yet. */
    onWaiting?: (reason: string) => void;
  }): AsyncIterable<Frame>;
}

/** A device or a stream: once it has given a frame it is waited for whenever it is lost. */
export function liveCamera(
  source: ReopenableSource,
  { onChange = () => {}, backoff = new Backoff({ firstMs: 500, maxMs: 15_000 }) }: {
    onChange?: (change: CameraChange) => void;
    backoff?: Backoff;
  } = {},
): Camera {
  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<Frame> {
    let seen = false;
    let lost = false;
    const tellLost = (change: CameraChange) => {
      lost = true;
      onChange(change);
    };
    const onWaiting = (reason: string) => tellLost({ lost: true, reason, waiting: true });
    while (!signal.aborted) {
      let reason = "the stream ended";
      try {
        for await (const frame of asTheyCome(source.frames({ signal, onWaiting }))) {
          if (lost) onChange({ lost: false });
          lost = false;
          seen = true;
          yield frame;
        }
      } catch (error) {
        if (!seen) throw error;
        reason = messageOf(error);
      }
      await delay(STOP_NOTICE_MS, { signal });
      if (signal.aborted) return;
      if (!seen) throw new FatalError(`"${source.name}" ended without a frame`);
      tellLost({ lost: true, reason });
      await delay(backoff.next(), { signal });
    }
  }
  return { name: source.name, live: true, frames };
}

/** A stream counts its frames anew each time it is opened, and may say nothing true of their rate. */
export async function* asTheyCome(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
  for await (const frame of frames) yield { ...frame, sourceTimeMs: performance.now() };
}
