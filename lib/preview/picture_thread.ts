/// <reference lib="deno.worker" />
/** The inside of a picture thread: encodes frames as JPEG, so that no encoding delays a search. */
import type { Frame } from "../image/frame.ts";
import { encodeJpeg } from "../image/jpeg_encoder.ts";
import { planesOfFrame } from "../image/jpeg_planes.ts";

/** A frame to encode; its memory is shared and does not change. */
export interface PictureTask {
  readonly frame: Pick<Frame, "width" | "height" | "pixels" | "capturedMs" | "sourceTimeMs">;
  readonly maxWidth: number;
  readonly quality: number;
}

self.onmessage = ({ data: { frame, maxWidth, quality } }: MessageEvent<PictureTask>) => {
  const jpeg = encodeJpeg(planesOfFrame(frame, maxWidth), quality);
  self.postMessage(jpeg, [jpeg.buffer]);
};
