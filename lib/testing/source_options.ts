/** Options of a camera. For tests. */
import type { SourceOptions } from "../camera/open_camera.ts";

/** Reads a source once, as fast as possible. */
export const ONCE: SourceOptions = {
  ffmpegOptions: [],
  realtime: false,
  repeat: false,
  idleRate: 5,
  stallMs: 0,
  onChange: () => {},
  onUnreadable: () => {},
};
