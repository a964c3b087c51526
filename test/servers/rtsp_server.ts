/** A camera with one RTSP stream. */
import { run } from "../../lib/testing/command.ts";
import { findParts } from "../parts.ts";
import { freePort } from "./free_port.ts";
import { Server } from "./server.ts";

const SERVER = new URL("rtsp_server.py", import.meta.url).pathname;
/** Frames per second of the clips, and between key frames: one each second, as cameras send them. */
const RATE = 10;

/** Of real cameras: no B frames, the parameters before each key frame. */
const CODECS = {
  h264: [
    ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", `${RATE}`],
    ...["-bsf:v", "h264_metadata=aud=insert"],
  ],
  h265: [
    ...["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
    ...["-x265-params", `log-level=none:bframes=0:keyint=${RATE}:repeat-headers=1:aud=1`],
  ],
} as const;
export type RtspCodec = keyof typeof CODECS;

/**
 * Encodes frames of a clip, of 10 per second, for {@link RtspServer}, and returns the path.
 * @param options.frames the clip's first frames only
 */
export async function encodeStream(
  clip: string,
  { into, filter, codec = "h264", frames }: {
    into: string;
    filter: string;
    codec?: RtspCodec;
    frames: number;
  },
): Promise<string> {
  const path = `${into}.${codec}`;
  const input = ["-v", "error", "-i", clip, "-frames:v", `${frames}`, "-vf", filter];
  await run("ffmpeg", [...input, ...CODECS[codec], path]);
  return path;
}

/** GStreamer's RTSP server, which some cameras contain too. It needs `gobjectPython` and `rtspServer`. */
export class RtspServer extends Server {
  private constructor(port: number, clip: string, private readonly login?: Login) {
    const env = login && { CAMERA_USER: login.user, CAMERA_PASSWORD: login.password };
    super(port, findParts().gobjectPython!, [SERVER, `${port}`, `${RATE}`, clip], env);
  }

  /** Sends a clip of {@link encodeStream} without end, to everybody or to one user. */
  static async start(clip: string, login?: Login): Promise<RtspServer> {
    const server = new RtspServer(freePort(), clip, login);
    try {
      await server.start();
    } catch (error) {
      await server.kill();
      throw error;
    }
    return server;
  }

  /** The address, with user and password, or with others. */
  url({ user, password }: Partial<Login> = this.login ?? {}): string {
    const login = user === undefined ? "" : `${user}:${encodeURIComponent(password ?? "")}@`;
    return `rtsp://${login}127.0.0.1:${this.port}/live`;
  }
}

export interface Login {
  readonly user: string;
  readonly password: string;
}
