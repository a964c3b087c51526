/**
 * What ffmpeg says, without the passwords that it was given. It repeats addresses and option values, whole or in part,
 * encoded or decoded, so nothing is blanked out: a line that has a word in common with a secret is reduced to those of
 * ffmpeg's fixed phrases that stand in it.
 */

/** What ffmpeg, the C library and servers say of a failure; source: FFmpeg's libavutil/error.c, http.c and rtsp.c. */
const PHRASES = new RegExp(
  [
    "Address already in use|Bad file descriptor|Broken pipe|Cannot allocate memory|Cannot assign requested address",
    "Cannot find a proper format|Connection refused|Connection reset by peer|Connection timed out|Option not found",
    "Decoder not found|Demuxer not found|Device or resource busy|End of file|Error number -?\\d+ occurred",
    "Error setting option|Failed to resolve hostname|Generic error in an external library|HTTP error \\d{3}",
    "Immediate exit requested|Input/output error|Invalid argument|Invalid data found when processing input",
    "Is a directory|Missing argument for option|Name or service not known|Network is unreachable|No route to host",
    "No such device|No such file or directory|Nonmatching transport in server reply|Operation not permitted",
    "Operation timed out|Permission denied|Port missing in uri|Protocol not found|Protocol not supported",
    "Server returned [45][0-9X]{2}|Unauthorized|Forbidden|Not Found|Server Error|Bad Request|Stream not found|Temporary failure in name resolution",
    "method (?:OPTIONS|DESCRIBE|SETUP|PLAY|ANNOUNCE) failed: \\d{3}",
    "Unable to open resource|Unable to parse option|Unrecognized option|Unknown input format|Unknown decoder",
    "certificate verify failed|could not find codec parameters|does not contain any stream|matches no streams",
    "Bitstream filter not found|Could not find a valid device|Error parsing bitstream filter|Error parsing discard",
    "Error parsing framerate|Error parsing global options|Error parsing options for|Failed loading nvcuvid",
    "Failed to set value|Format not on whitelist|Hardware device setup failed|Device setup failed|Invalid decoder type",
    "Invalid discard|Invalid duration|MFX session|No such filter|No such pixel format|Unrecogni[sz]ed hwaccel",
    "can't configure decoder|cannot be applied to|must be non-negative|not on whitelist|for parameter|out of range|Expected number for",
    "The specified session has been invalidated|self.signed certificate|Unsupported protocol",
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
