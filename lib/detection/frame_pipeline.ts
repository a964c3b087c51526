import { brightnessOf, type Frame, grayPlane } from "../image/frame.ts";
import type { Detection, FaceDetector } from "./engine.ts";
import { SearchArea } from "./search_area.ts";

/** A frame and the faces in it. Its memory goes to another frame when the caller asks for the next one. */
export interface SearchedFrame {
  readonly frame: Frame;
  readonly boxes: readonly Detection[];
  /** How much of it was searched. */
  readonly searched: "all" | "part" | "none";
}

/**
 * Of a clip the faces of so many frames ago say where to look, and not those of later ones that happen to be known
 * already: the same clip then has the same faces on any machine. At most so many frames are searched at a time.
 */
const LAG = 8;

/**
 * Searches frames, several at a time, and gives them back in their order.
 * With `live` the frames come at their own pace: while all detectors are busy only the newest one is kept, and
 * `onSkipped` is called for each that gives way. Otherwise the next frame is taken only when there is room for it.
 * When the caller leaves early, `frames` is left at its next frame; abort its signal to leave it at once.
 */
export async function* detectFrames(
  frames: AsyncIterable<Frame>,
  detector: FaceDetector,
  { live, area = new SearchArea("off", 0), onSkipped, prepare }: {
    live: boolean;
    /** What of each frame is searched; by default all of it. */
    area?: SearchArea;
    onSkipped: () => void;
    /** Changes each gray plane before it is searched. */
    prepare?: (gray: Uint8Array) => void;
  },
): AsyncGenerator<SearchedFrame> {
  const isFull = () => begun.length >= (live ? detector.parallel : Math.min(detector.parallel * 2, LAG));
  const begun: Promise<SearchedFrame>[] = [];
  let newest: Frame | undefined;
  let ended = false;
  let left = false;
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  let gray = new Uint8Array(0);
  const planeOf = (frame: Frame) => {
    if (!prepare) return brightnessOf(frame);
    gray = grayPlane(frame, gray);
    prepare(gray);
    return { gray, width: frame.width, height: frame.height };
  };
  const found: Pick<SearchedFrame, "boxes" | "frame">[] = [];
  let searches = 0;
  let known = 0;
  const search = async (frame: Frame): Promise<SearchedFrame> => {
    for (const lag = live ? 0 : LAG; found.length > 0 && known + lag <= searches; known++) {
      const { boxes, frame } = found.shift()!;
      area.found(boxes, frame);
    }
    searches++;
    const where = area.of(frame);
    if (where !== "all" && where.length === 0) return { frame, boxes: [], searched: "none" };
    const boxes = await detector.detect(planeOf(frame), where);
    return { frame, boxes, searched: where === "all" ? "all" : "part" };
  };
  const begin = (frame: Frame) => {
    const result = search(frame);
    result.catch(() => {}); // Whoever takes it sees the error.
    begun.push(result);
  };

  const beginNewest = () => {
    if (newest) begin(newest);
    newest = undefined;
  };

  const capture = async () => {
    for await (const frame of frames) {
      if (left) return;
      if (!isFull()) beginNewest(); // A detector was added while it waited.
      if (isFull()) detector.reportBacklog();
      if (isFull() && live) {
        if (newest) onSkipped();
        newest?.release?.();
        newest = frame;
      } else {
        while (isFull() && !left) await changed.promise;
        if (left) return;
        begin(frame);
      }
      change();
    }
  };
  const capturing = capture().finally(() => {
    ended = true;
    change();
  });
  capturing.catch(() => {}); // Thrown below, after the results that came before it.

  try {
    for (;;) {
      if (begun.length > 0) {
        const result = await begun[0];
        begun.shift();
        found.push(result);
        beginNewest();
        change();
        yield result;
        result.frame.release?.();
      } else if (ended) {
        await capturing;
        return;
      } else {
        await changed.promise;
      }
    }
  } finally {
    left = true;
    change();
  }
}
