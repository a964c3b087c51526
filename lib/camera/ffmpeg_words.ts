/**
 * What ffmpeg says, without the passwords that it was given. It repeats addresses and option values, whole or in part,
 * encoded or decoded, so nothing is blanked out: a line that has a word in common with a secret is reduced to those of
 * ffmpeg's fixed phrases that stand in it.
 */

/** What ffmpeg, the C library and servers say of a failure; source: FFmpeg's libavutil/error.c, http.c and rtsp.c. */
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

/** From this many characters on a part of a secret is also found within a word. */
const FOUND_WITHIN_WORDS = 4;
const MAX_DECODINGS = 3;

/** The text without any line that repeats a part of a secret, in whatever encoding. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = new Set(secrets.flatMap((secret) => secretParts(secret)).flatMap(words));
  const long = [...parts].filter((part) => part.length >= FOUND_WITHIN_WORDS);
  const repeats = (line: string) => {
    const said = words(line);
    return said.some((word) => parts.has(word) || long.some((part) => word.includes(part)));
  };
  return text.split("\n").map((line) => repeats(line) ? line.match(PHRASES)?.join(": ") ?? "" : line)
    .filter((line) => line !== "").join("\n");
}

/** A text, and what of it is sent in another form: `USER:PASSWORD` in Base64 (RFC 7617). */
function secretParts(secret: string): string[] {
  const [, user] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(secret) ?? [];
  // The scheme says nothing; the host is shown anyway, but what looks like it may be none.
  const parts = secret.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  return user === undefined ? [parts] : [parts, ...decodings(user).map(base64)];
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The words of a text in lower case, as they are and percent-decoded; whatever is not ASCII separates them. */
function words(text: string): string[] {
  return decodings(text).flatMap((form) => form.toLowerCase().split(/[^a-z0-9]+/)).filter((word) =>
    word !== ""
  );
}

/** A text, and what it is when it is percent-decoded once, twice …; a % that encodes nothing stays. */
function decodings(text: string): string[] {
  const forms = [text];
  for (let time = 0; time < MAX_DECODINGS; time++) {
    const next = forms[time].replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (next === forms[time]) break;
    forms.push(next);
  }
  return forms;
}

/** ffmpeg's options that take passwords, tokens or headers with them. */
const SECRET_OPTION = /head|cook|auth|pass|pwd|key|token|secret|user|proxy|url/i;

/** The values among ffmpeg's options that may be secrets. */
export function secretOptions(options: readonly string[]): string[] {
  return options.filter((value, index) => {
    const name = options.slice(0, index).findLast((option) => /^-[a-z]/i.test(option));
    if (value.startsWith("-")) return false;
    return /@|:\/\//.test(value) || (name !== undefined && SECRET_OPTION.test(name));
  });
}
