/** What tests of cameras give to `openCamera`. */
import type { SourceOptions } from "./open_camera.ts";

/** A source is read once, as fast as it can be. */
export const ONCE: SourceOptions = {
  ffmpegOptions: [],
  realtime: false,
  repeat: false,
  stallMs: 0,
  onChange: () => {},
  onUnreadable: () => {},
};
