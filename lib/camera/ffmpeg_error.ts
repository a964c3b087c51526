/**
 * From ffmpeg's complaint to an error without secrets. ffmpeg repeats addresses and option values, whole or in part,
 * encoded or decoded, so masking them is not enough: a line that has a word in common with a secret is reduced to those of
 * ffmpeg's fixed phrases that it contains.
 */
import { ConfigError, FatalError } from "../errors.ts";
import { CAUSES, FORMATS, type SourceKind } from "./ffmpeg_causes.ts";
import { base64 } from "./http_credentials.ts";

/** Signals that a program sends to itself by a fault. */
const CRASHES: readonly Deno.Signal[] = [
  "SIGSEGV",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGSYS",
  "SIGTRAP",
];

/** A device does not give pictures of the requested format, and may give those of another. */
export class FormatError extends FatalError {}

/** The source that ffmpeg read. */
export interface FfmpegSource {
  /** The source without passwords, for messages. */
  readonly name: string;
  /** The argument of `-i`. */
  readonly url: string;
  /** Arguments of ffmpeg that may hold secrets. */
  readonly secrets?: readonly string[];
}

/**
 * The error for a source that ffmpeg cannot read: a ConfigError when the settings or this ffmpeg are the cause.
 * @param messages ffmpeg's warnings and errors.
 * @param signal what ended ffmpeg, if a signal did.
 */
export function ffmpegError(
  { name, url, secrets = [] }: FfmpegSource,
  messages: string,
  signal: Deno.Signal | null = null,
): FatalError | ConfigError {
  const quoted = `"${name}"`;
  const complaint = withoutSecrets(messages, secrets);
  const lines = complaint.replaceAll(url, "").split("\n"); // A file may be called "401".
  const ownKind = kindOf(url);
  for (const { pattern, kind = ownKind, message, hint, settings, format } of CAUSES) {
    const line = kind === ownKind && lines.find((line) => pattern.test(line));
    if (!line) continue;
    const text = message(quoted, plain(line));
    const remedy = typeof hint === "string" ? hint : hint(/[^\w./:@-]/.test(name) ? quoted : name);
    if (settings) return new ConfigError(text, remedy);
    return format ? new FormatError(text, remedy) : new FatalError(text, remedy);
  }
  const lastLine = plain(complaint.replaceAll(url, name).split("\n").at(-1)!);
  if (signal) return signalError(quoted, signal, lastLine);
  return new FatalError(
    `ffmpeg cannot read ${quoted}: ${lastLine || "it ended without a message"}`,
    ownKind === "device" ? FORMATS(name) : `run ffprobe ${quoted} to see its messages`,
  );
}

function signalError(source: string, signal: Deno.Signal, lastLine: string): FatalError {
  const said = lastLine && `: ${lastLine}`;
  return CRASHES.includes(signal)
    ? new FatalError(
      `ffmpeg crashed (${signal}) while it read ${source}${said}`,
      "install another version of ffmpeg",
    )
    : new FatalError(
      `${signal} ended ffmpeg while it read ${source}${said}`,
      signal === "SIGKILL"
        ? "run journalctl -k to see whether the memory was full"
        : "run journalctl to see what sent it",
    );
}

function kindOf(url: string): SourceKind {
  if (url.startsWith("/dev/")) return "device";
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? "address" : "file";
}

/** A line without the name and the memory address of ffmpeg's component. */
function plain(line: string): string {
  return line.replace(/^(\[[^\]]* @ 0x[0-9a-f]+\] )+/, "").replace(/^[:\s]+/, "").trim();
}

/** Fixed phrases of ffmpeg, the C library and servers. Source: FFmpeg's libavutil/error.c, http.c and rtsp.c. */
const PHRASES = new RegExp(
  [
    "Address already in use|Bad file descriptor|Broken pipe|Cannot allocate memory|Cannot assign requested address",
    "Cannot determine format|Cannot find a proper format|Connection aborted|Connection refused",
    "Connection reset by peer|Connection timed out|Device or resource busy|End of file|Error number -?\\d+ occurred",
    "Host is down|Immediate exit requested|Inappropriate ioctl for device|Input/output error|Invalid argument",
    "Is a directory|Name or service not known|Network is (?:down|unreachable)|No address associated with hostname",
    "No route to host|No space left on device|No such device|No such file or directory|Operation not permitted",
    "Operation timed out|Permission denied|Failed to resolve hostname|Temporary failure in name resolution",
    "Decoder not found|Demuxer not found|no decoder found for|Protocol not found|Protocol not supported",
    "Error setting option|Missing argument for option|No such filter|Option not found|Unable to parse option",
    "Unrecognized option|Unknown decoder|Unknown encoder|Unknown input format|not on whitelist",
    "HTTP error \\d{3}|Server returned [45][0-9X]{2}(?: (?:Client|Server) Error)?|Server Error|Bad Request",
    "method (?:OPTIONS|DESCRIBE|SETUP|PLAY|ANNOUNCE) failed: \\d{3}|Unauthorized|Forbidden|Not Found",
    "Nonmatching transport in server reply|Unsupported Transport|Unsupported protocol|Port missing in uri",
    "Could not find codec parameters|Invalid data found when processing input|Output file is empty",
    "does not contain any stream|matches no streams|moov atom not found|partial file|received no packets",
    "Picture size 0x0|dimensions not set|exceeds specified max pixel count|unspecified size|Stream not found",
    "Generic error in an external library|SSL routines|certificate verify failed|self.signed certificate|time ?out",
    "The specified session has been invalidated|Unable to open resource",
    "Bitstream filter not found|Could not find a valid device|Error parsing bitstream filter|Error parsing discard",
    "Error parsing framerate|Error parsing global options|Error parsing options for|Failed loading nvcuvid",
    "Failed to set value|Format not on whitelist|Hardware device setup failed|Device setup failed|Invalid decoder type",
    "Invalid discard|Invalid duration|MFX session|No such pixel format|Unrecogni[sz]ed hwaccel|for parameter|out of range",
    "can't configure decoder|cannot be applied to|must be non-negative|Expected number for",
  ].join("|"),
  "gi",
);

/** Minimum length of a part of a secret that is also searched within words, in characters. */
const MIN_PART_LENGTH = 4;
/** A secret may be percent-encoded more than once. */
const MAX_DECODINGS = 3;

/** The text, with each line that repeats a part of a secret reduced to ffmpeg's fixed phrases or removed. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = new Set(secrets.flatMap((secret) => secretParts(secret)).flatMap(words));
  const long = [...parts].filter((part) => part.length >= MIN_PART_LENGTH);
  const repeats = (line: string) => {
    const said = words(line);
    return said.some((word) => parts.has(word) || long.some((part) => word.includes(part)));
  };
  return text.split("\n").map((line) => repeats(line) ? line.match(PHRASES)?.join(": ") ?? "" : line)
    .filter((line) => line !== "").join("\n");
}

/** A secret, and `USER:PASSWORD` in Base64 as Basic authentication sends it. */
function secretParts(secret: string): string[] {
  const [, user] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(secret) ?? [];
  // Without the scheme, which is no secret. With the host: what looks like it may be a part of the password.
  const parts = secret.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return user === undefined ? [parts] : [parts, ...decodings(user).map(base64)];
}

/** The ASCII words of a text and of its percent-decoded forms, in lower case. */
function words(text: string): string[] {
  return decodings(text).flatMap((form) => form.toLowerCase().split(/[^a-z0-9]+/)).filter((word) =>
    word !== ""
  );
}

/** A text and its percent-decoded forms, up to three times; an invalid `%` stays. */
function decodings(text: string): string[] {
  const forms = [text];
  for (let time = 0; time < MAX_DECODINGS; time++) {
    const next = forms[time].replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (next === forms[time]) break;
    forms.push(next);
  }
  return forms;
}

/** Names of ffmpeg's options whose values may hold passwords, tokens or headers. */
const SECRET_OPTION = /head|cook|auth|pass|pwd|key|token|secret|user|proxy|url/i;

/** The values among ffmpeg's options that may hold a secret. */
export function secretOptions(options: readonly string[]): string[] {
  return options.filter((value, index) => {
    const name = options.slice(0, index).findLast((option) => /^-[a-z]/i.test(option));
    if (value.startsWith("-")) return false;
    return /@|:\/\//.test(value) || (name !== undefined && SECRET_OPTION.test(name));
  });
}
