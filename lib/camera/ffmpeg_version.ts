/** Starts ffmpeg, and finds out which options its version has: they differ between 3.4 (Ubuntu 18.04, JetPack 4) and 9. */
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

/** The options of one version of ffmpeg. */
export interface FfmpegDialect {
  /** Whether `-v level+info` starts each message with its level. */
  readonly saysLevels: boolean;
  /** The option that outputs every frame with its own time, without repeating or dropping one. */
  readonly passthrough: readonly string[];
  /** Whether its YUV4MPEG2 carries full-range frames (`yuvj420p`) and marks them. */
  readonly fullRangeY4m: boolean;
}

/** A release of ffmpeg and the version of its libavutil. Source: FFmpeg's doc/APIchanges. */
interface Release {
  readonly release: readonly [number, number];
  readonly libavutil: readonly [number, number];
}

const OLDEST: Release = { release: [3, 4], libavutil: [55, 78] };
// Verified with static builds of 3.1, 3.4.2, 4.0, 4.1, 4.2.2, 5.1.9, 7.0.2 and 9.0.2.
const LEVELS_SINCE: Release = { release: [4, 0], libavutil: [56, 14] };
const FULL_RANGE_Y4M_SINCE: Release = { release: [4, 1], libavutil: [56, 22] };
/** 5.1 added `-fps_mode`, which replaces `-vsync`; 9 removed `-vsync`. */
const FPS_MODE_SINCE: Release = { release: [5, 1], libavutil: [57, 28] };

/** Timeout of `ffmpeg -version`, which takes 60 ms, and seconds from a cold memory card. */
const ANSWER_LIMIT_MS = 10_000;

/** Signals with which another program, or the kernel for lack of memory, ends ffmpeg. */
const OUTSIDE_SIGNALS: ReadonlySet<Deno.Signal> = new Set(["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM"]);

/** Exit codes of sh: syntax error, no permission to execute, program or library not found. Source: POSIX, dash. */
const SHELL_CODES: ReadonlySet<number> = new Set([2, 126, 127]);
/** Messages of the loaders of glibc and musl, with exit code 1. */
const LOADER_COMPLAINT = /version .* not found|shared librar|symbol not found|relocat/i;

let cached: Promise<FfmpegDialect> | undefined;

/**
 * The dialect of the ffmpeg on PATH, cached after the first success. Rejects with a ConfigError when ffmpeg is missing, too
 * old or does not start, and with a FatalError after 10 s without a version.
 */
export function ffmpegDialect(): Promise<FfmpegDialect> {
  cached ??= versionAnswer(startFfmpeg).then(dialectOf).catch((error) => {
    cached = undefined;
    throw error;
  });
  return cached;
}

/** The dialect by the output of `ffmpeg -version`; without a version that of a new one. Throws a ConfigError before 3.4. */
export function dialectOf(answer: string): FfmpegDialect {
  const isSince = versionOf(answer);
  if (!isSince(OLDEST)) {
    const name = /^ffmpeg version (\S+)/m.exec(answer)?.[1] ?? "";
    const oldest = OLDEST.release.join(".");
    throw new ConfigError(
      `ffmpeg "${name}" is too old: should be ${oldest} or newer`,
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
 * Compares the version in an output of `ffmpeg -version`. Builds from FFmpeg's repository are named after a commit, a date or
 * a coming release (`n5.1-dev`), whose options they may lack: for these the version of libavutil counts.
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

/**
 * The output of `ffmpeg -version`. Rejects with a FatalError after `limitMs`, and with a ConfigError or FatalError when
 * ffmpeg cannot be executed.
 * @param start starts ffmpeg.
 */
export async function versionAnswer(start: typeof startFfmpeg, limitMs = ANSWER_LIMIT_MS): Promise<string> {
  const child = start(["-version"], { stdout: "piped", stderr: "piped" });
  const output = await atMost(limitMs, child.output());
  if (!output) {
    await stop(child);
    throw new FatalError(
      `ffmpeg does not answer: it printed no version within ${limitMs / 1000} s`,
      "run ffmpeg -version to measure its time, and stop other programs on this machine",
    );
  }
  const decoder = new TextDecoder();
  const [answer, complaint] = [decoder.decode(output.stdout), decoder.decode(output.stderr)];
  if (!/^ffmpeg version /m.test(answer) && isNotExecuted(output, complaint)) {
    throw notExecuted(output, complaint);
  }
  return answer;
}

/**
 * Whether ffmpeg itself never ran: the loader lacks a library, the processor an instruction, or the file is no program. An
 * ffmpeg that runs and fails, such as a wrapper that needs a camera, reports its reason when it is started for a source.
 */
function isNotExecuted({ code, signal }: Deno.CommandOutput, complaint: string): boolean {
  return signal !== null || SHELL_CODES.has(code) || code !== 0 && LOADER_COMPLAINT.test(complaint);
}

function notExecuted({ code, signal }: Deno.CommandOutput, complaint: string): ConfigError | FatalError {
  const lastLine = complaint.trim().split("\n").at(-1);
  const message = `ffmpeg does not start: ${
    lastLine || (signal ? `it was ended by ${signal}` : `exit code ${code}`)
  }`;
  return signal !== null && OUTSIDE_SIGNALS.has(signal)
    ? new FatalError(message, "run ffmpeg -version to see whether it works, and check that memory is free")
    : new ConfigError(message, "install ffmpeg again: sudo apt-get install --reinstall ffmpeg");
}
