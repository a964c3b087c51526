/** Which options the ffmpeg on PATH knows: they came and went between 3.4 (Ubuntu 18.04, JetPack 4) and 9. */
import { ConfigError, FatalError } from "../errors.ts";
import { atMost } from "../async/delay.ts";
import { startProgram } from "../start_program.ts";
import { stop } from "./camera_process.ts";

/** ffmpeg as a program of the system. */
const FFMPEG = {
  name: "ffmpeg",
  does: "reads cameras and clips",
  install: "run sudo apt-get install ffmpeg",
};

/** Starts ffmpeg. Throws a ConfigError when it is missing or may not be started. */
export function startFfmpeg(args: readonly string[], options: Deno.CommandOptions): Deno.ChildProcess {
  return startProgram(FFMPEG, args, options);
}

/** How to talk to one version of ffmpeg. */
export interface FfmpegDialect {
  /** `-v level+info` begins each message with its level. */
  readonly saysLevels: boolean;
  /** Passes every frame on with its own time, none repeated or dropped. */
  readonly passthrough: readonly string[];
  /** YUV4MPEG2 carries frames of full range (`yuvj420p`), and says so. */
  readonly fullRangeY4m: boolean;
}

/** A release of ffmpeg and the version of the libavutil that it carries. Source: FFmpeg's doc/APIchanges. */
interface Release {
  readonly release: readonly [number, number];
  readonly libavutil: readonly [number, number];
}

const OLDEST: Release = { release: [3, 4], libavutil: [55, 78] };
// Each tried with static builds of 3.1, 3.4.2, 4.0, 4.1, 4.2.2, 5.1.9, 7.0.2 and 9.0.2.
const LEVELS_SINCE: Release = { release: [4, 0], libavutil: [56, 14] };
const FULL_RANGE_Y4M_SINCE: Release = { release: [4, 1], libavutil: [56, 22] };
/** `-fps_mode` came with 5.1; `-vsync`, which it replaces, is gone in 9. */
const FPS_MODE_SINCE: Release = { release: [5, 1], libavutil: [57, 28] };

/** ffmpeg answers in 60 ms here, and in seconds from a cold memory card. */
const ANSWER_LIMIT_MS = 10_000;

/** With these another program ends it, such as the kernel when memory is short. */
const OUTSIDE_SIGNALS: ReadonlySet<Deno.Signal> = new Set(["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"]);

/** sh: a syntax error, a file that it may not execute, one that it or the loader does not find. Source: POSIX, dash. */
const SHELL_CODES: ReadonlySet<number> = new Set([2, 126, 127]);
/** What glibc's and musl's loaders say with exit code 1. */
const LOADER_COMPLAINT = /version .* not found|shared librar|symbol not found|relocat/i;

let asked: Promise<FfmpegDialect> | undefined;

/**
 * The dialect of the ffmpeg on PATH, which is asked until it answers. Throws a ConfigError when it is missing, too old or
 * does not start, and a FatalError when it does not answer in time.
 */
export function ffmpegDialect(): Promise<FfmpegDialect> {
  asked ??= versionAnswer(startFfmpeg).then(dialectOf).catch((error) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** What follows from the answer to `ffmpeg -version`; one that says no version is taken for a new one. */
export function dialectOf(answer: string): FfmpegDialect {
  const isSince = versionOf(answer);
  if (!isSince(OLDEST)) {
    const name = /^ffmpeg version (\S+)/m.exec(answer)?.[1] ?? "";
    const oldest = OLDEST.release.join(".");
    throw new ConfigError(
      `ffmpeg "${name}" is too old, should be ${oldest} or newer`,
      `install ffmpeg ${oldest} or newer, and put its folder first in PATH`,
    );
  }
  return {
    saysLevels: isSince(LEVELS_SINCE),
    passthrough: [isSince(FPS_MODE_SINCE) ? "-fps_mode" : "-vsync", "passthrough"],
    fullRangeY4m: isSince(FULL_RANGE_Y4M_SINCE),
  };
}

/**
 * Builds from FFmpeg's repository are named by a commit or a date, or as `n5.1-dev` by the release that they become, whose
 * options they may lack; their libavutil has a version all the same.
 */
function versionOf(answer: string): (since: Release) => boolean {
  const [, name, ...release] = /^ffmpeg version (n?(\d+)\.(\d+)\S*)/m.exec(answer) ?? [];
  const libavutil = /^libavutil +(\d+)\. *(\d+)\./m.exec(answer)?.slice(1);
  if (name !== undefined && !(libavutil && /-dev/.test(name))) {
    return ({ release: since }) => isFrom(release, since);
  }
  if (libavutil) return ({ libavutil: since }) => isFrom(libavutil, since);
  return () => true;
}

function isFrom([major, minor]: readonly string[], [sinceMajor, sinceMinor]: readonly [number, number]) {
  return Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor);
}

/** What the ffmpeg that `start` starts answers to `-version`. */
export async function versionAnswer(start: typeof startFfmpeg, limitMs = ANSWER_LIMIT_MS): Promise<string> {
  const child = start(["-version"], { stdout: "piped", stderr: "piped" });
  let output: Deno.CommandOutput | undefined;
  const answering = child.output().then((ended) => output = ended);
  await atMost(limitMs, answering);
  if (!output) {
    await stop(child);
    throw new FatalError(
      `ffmpeg does not answer: it gave no version within ${limitMs / 1000} s`,
      "run ffmpeg -version to see how long it takes, and end what keeps this machine busy",
    );
  }
  const decoder = new TextDecoder();
  const [answer, complaint] = [decoder.decode(output.stdout), decoder.decode(output.stderr)];
  if (!/^ffmpeg version /m.test(answer) && neverBegan(output, complaint)) throw notBegun(output, complaint);
  return answer;
}

/**
 * The loader lacks a library, the processor an instruction, or the file is no program: ffmpeg itself never begins. One that
 * begins and fails, such as a wrapper that wants a camera first, gives its reason when it is started for the source.
 */
function neverBegan({ code, signal }: Deno.CommandOutput, complaint: string): boolean {
  return signal !== null || SHELL_CODES.has(code) || code !== 0 && LOADER_COMPLAINT.test(complaint);
}

function notBegun({ code, signal }: Deno.CommandOutput, complaint: string): ConfigError | FatalError {
  const lastLine = complaint.trim().split("\n").at(-1);
  const message = `ffmpeg does not start: ${
    lastLine || (signal ? `it was ended by ${signal}` : `exit code ${code}`)
  }`;
  const isEndedFromOutside = signal !== null && OUTSIDE_SIGNALS.has(signal);
  return isEndedFromOutside
    ? new FatalError(message, "run ffmpeg -version to see whether it answers, and check that memory is free")
    : new ConfigError(message, "install ffmpeg anew: sudo apt-get install --reinstall ffmpeg");
}
