/** A camera that is reopened whenever it is lost. */
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { FatalError, messageOf } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import type { Camera, CameraChange, FrameOptions } from "./camera.ts";
import { isInterrupted } from "./camera_process.ts";

/** A source that can be opened repeatedly; its frames end, or throw, when it is lost. */
export interface ReopenableSource {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** Whether the source times of its frames are their arrival times already. */
  readonly hasArrivalTimes?: true;
  /** See Camera. */
  readonly mayReduce?: boolean;
  frames(options: SourceFrameOptions): AsyncIterable<Frame>;
}

/** How one opening is read. */
export interface SourceFrameOptions extends FrameOptions {
  /** Called when the source is connected and has given no frame yet. */
  readonly onWaiting?: (reason: string) => void;
}

/**
 * A camera of a device or a stream. Throws the source's error, or a FatalError, when it is lost before its first frame;
 * later it is reopened with backoff, without limit.
 */
export function liveCamera(
  source: ReopenableSource,
  { onChange = () => {}, wait = delay }: {
    onChange?: (change: CameraChange) => void;
    wait?: typeof delay;
  } = {},
): Camera {
  const backoff = new Backoff({ firstMs: 500, maxMs: 15_000 });
  async function* frames({ signal, demand }: FrameOptions): AsyncGenerator<Frame> {
    let seen = false;
    let lost = false;
    const reportLost = (change: CameraChange) => {
      lost = true;
      onChange(change);
    };
    const onWaiting = (reason: string) => reportLost({ lost: true, reason, waiting: true });
    while (!signal.aborted) {
      let reason = "the stream ended";
      try {
        for await (const frame of arrivingFrames(source, { signal, demand, onWaiting })) {
          if (lost) onChange({ lost: false });
          lost = false;
          seen = true;
          yield frame;
        }
      } catch (error) {
        if (!seen) throw error;
        reason = messageOf(error);
      }
      if (await isInterrupted(signal, wait)) return;
      if (!seen) throw new FatalError(`"${source.name}" ended without a frame`);
      reportLost({ lost: true, reason });
      await wait(backoff.next(), { signal });
    }
  }
  return { name: source.name, live: true, mayReduce: source.mayReduce ?? false, frames };
}

/** The frames of one opening of a source, with their arrival times. */
export function arrivingFrames(source: ReopenableSource, options: SourceFrameOptions): AsyncIterable<Frame> {
  const frames = source.frames(options);
  return source.hasArrivalTimes ? frames : atArrivalTime(frames);
}

/** Replaces source times by the arrival time: a stream restarts its own at each opening, and its rate may be wrong. */
export async function* atArrivalTime(
  frames: AsyncIterable<Frame>,
  { nowMs = () => performance.now() }: { nowMs?: () => number } = {},
): AsyncGenerator<Frame> {
  for await (const frame of frames) yield { ...frame, sourceTimeMs: nowMs() };
}
