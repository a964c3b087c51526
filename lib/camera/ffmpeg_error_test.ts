/** ffmpeg's messages become causes with remedies, without any part of a secret. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { ffmpegError, secretOptions, withoutSecrets } from "./ffmpeg_error.ts";
import { openCamera } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";

const CAMERA = "rtsp://10.0.0.9/live";
const PAGE = "http://10.0.0.9/video";
const CLIP = "file:door.mp4";
const DEVICE = "/dev/video0";

/** The argument of `-i`, a message of ffmpeg, our message, and the remedy. */
// deno-fmt-ignore: a table
const SAID: readonly (readonly [url: string, complaint: string, message: RegExp, hint: RegExp])[] = [
  // 5.1 and 9.0
  [PAGE, `${PAGE}: Server returned 401 Unauthorized (authorization failed)`, /refuses the user name or password/, /HAARLEM_SOURCE/],
  [CAMERA, "[in#0 @ 0x55e5] method DESCRIBE failed: 401 (Unauthorized)\n[in#0 @ 0x55e5] Error opening input: Server returned 401 Unauthorized (authorization failed)", /refuses the user name or password/, /^give both/],
  [PAGE, `${PAGE}: Server returned 403 Forbidden (access denied)`, /has no permission for the stream \(403\)/, /^give this user access/],
  // 3.4 prints no levels, so warnings are complaints too.
  [PAGE, `[http @ 0x6eb2b60] HTTP error 404 Not Found\n${PAGE}: Server returned 404 Not Found`, /the camera answers 404/, /^check the path of the address/],
  [CAMERA, `[rtsp @ 0x6eb2b60] method DESCRIBE failed: 404 Not Found\n${CAMERA}: Server returned 404 Not Found`, /the camera answers 404/, /path/],
  [CAMERA, "[rtsp @ 0x1] method SETUP failed: 461 Unsupported Transport", /does not send over TCP/, /rtsp_transport udp/],
  [CAMERA, "[rtsp @ 0x1] method DESCRIBE failed: 453 Not Enough Bandwidth", /too many viewers: method DESCRIBE failed: 453/, /^end other viewers/],
  [PAGE, `${PAGE}: Server returned 5XX Server Error reply`, /has an internal error/, /restart the camera$/],
  [CAMERA, "[in#0 @ 0x1] method DESCRIBE failed: 503 (Service Unavailable)", /has an internal error/, /restart the camera$/],
  [PAGE, `${PAGE}: Server returned 4XX Client Error, but not one of 40{0,1,3,4}`, /refuses the request/, /^check the address/],
  [PAGE, "[in#0 @ 0x1] Error opening input: Server returned 429 Too Many Requests", /refuses the request/, /^check the address/],
  [CAMERA, `[tcp @ 0x1] Connection to tcp://10.0.0.9:554?timeout=0 failed: Connection refused\n${CAMERA}: Connection refused`, /nothing listens/, /^check the port/],
  [CAMERA, `[tcp @ 0x1] Failed to resolve hostname cam: Name or service not known\n${CAMERA}: Input/output error`, /host name .* is unknown/, /IP address/],
  [CAMERA, "[tcp @ 0x1] Failed to resolve hostname cam: Temporary failure in name resolution", /host name/, /^check the host name/],
  [CAMERA, `${CAMERA}: Connection timed out`, /does not answer in time/, /ping/],
  ["srt://10.0.0.9:1", "[srt @ 0x1] Connection setup failure: connection time out\nUnknown error occurred", /in time/, /ping/],
  [CAMERA, `[tcp @ 0x1] Connection to tcp://10.0.0.9:554 failed: No route to host`, /there is no route to it/, /network$/],
  ["https://10.0.0.9/x", "[tls @ 0x1] error:0A00010B:SSL routines::wrong version number", /no secure connection/, /^check whether/],
  ["https://10.0.0.9/x", "[tls @ 0x1] An unexpected TLS packet was received.", /no secure connection/, /http address$/],
  ["https://10.0.0.9/x", "https://10.0.0.9/x: Protocol not found\nDid you mean file:https://10.0.0.9/x?", /lacks the protocol/, /TLS/],
  ["file:list.m3u8", "[http @ 0x1] Protocol 'http' not on whitelist 'file,crypto,data'!\nfile:list.m3u8: Invalid argument", /refers to an address that ffmpeg does not open/, /-protocol_whitelist/],
  [DEVICE, "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): Device or resource busy\n/dev/video0: Device or resource busy", /in use by another program/, /^run fuser -v \/dev\/video0/],
  [DEVICE, "[in#0 @ 0x1] Cannot open video device /dev/video0: Permission denied", /no permission to read "\/dev\/video0"/, /usermod -aG video/],
  [CLIP, "file:door.mp4: Permission denied", /no permission/, /^let this user read the file: chmod a\+r/],
  ["/dev/v4l", "[video4linux2,v4l2 @ 0x1] Cannot open video device /dev/v4l: Is a directory", /a folder, not a camera/, /^give one of the devices/],
  [DEVICE, "[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_QUERYCAP): Inappropriate ioctl for device", /not a capture device/, /v4l2-ctl/],
  [DEVICE, "[video4linux2,v4l2 @ 0x1] Cannot find a proper format for codec 'none' (id 0), pixel format 'none' (id -1)", /does not offer these pictures/, /-list_formats all -i \/dev\/video0/],
  [DEVICE, "[in#0 @ 0x1] ioctl(VIDIOC_STREAMON): No space left on device", /USB bus lacks the bandwidth/, /mjpeg/],
  [DEVICE, "[video4linux2,v4l2 @ 0x1] Cannot open video device /dev/video0: No such file or directory", /no camera at/, /by-id/],
  [CLIP, "[fatal] Decoder (codec hevc) not found for input stream #0:0", /has no decoder/, /^install a complete ffmpeg/],
  [CLIP, "[vist#0:0/hevc @ 0x1] Decoding requested, but no decoder found for: hevc", /no decoder found for: hevc/, /^install/],
  [CLIP, "Stream map '0:v:0' matches no streams.\nTo ignore this, add a trailing '?' to the map.", /holds no video/, /^give a clip/],
  [CLIP, "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] moov atom not found\nfile:door.mp4: Invalid data found when processing input", /is incomplete/, /^run ffprobe/],
  [CLIP, "file:door.mp4: Invalid data found when processing input", /neither a video nor a picture/, /^run ffprobe/],
  ["pipe:0", "[mjpeg @ 0x1] [IMGUTILS @ 0x1] Picture size 20000x9000 exceeds specified max pixel count 33554432", /too large/, /smaller/],
  ["pipe:0", "[IMGUTILS @ 0x1] Picture size 20000x9000 is invalid\nCould not find codec parameters for stream 0 (Video: mjpeg, none): unspecified size", /too large/, /smaller/],
  [CLIP, "[buffer @ 0x1] Unable to parse option value \"0x0\" as image size\n[buffer @ 0x1] Error setting option video_size to value 0x0.", /without a size/, /^run ffprobe/],
  ["http://10.0.0.9/ts", "Could not find codec parameters for stream 0 (Video: h264, none): unspecified size", /no key frame/, /^set a shorter key frame interval/],
  [CLIP, "", /ended without a message/, /^run ffprobe/],
];
const SETTINGS: readonly string[] = [
  "Unrecognized option 'nosuch'.\nError splitting the argument list: Option not found",
  "[in#0 @ 0x1] Unknown input format: 'nosuch'\nError opening input file x.",
  "Unknown decoder 'nosuch'",
  "[NULL @ 0x1] Error setting option analyzeduration to value foo.\nfile:door.mp4: Invalid argument",
];
const NAME = "the door";

Deno.test("ffmpegError() names cause and remedy for the messages of every version", () => {
  for (const [url, complaint, message, hint] of SAID) {
    const error = ffmpegError({ name: url.replace(/^file:/, ""), url }, complaint);
    assert.match(error.message, message, complaint);
    assert.match(error.hint!, hint, complaint);
    assert.match(error.hint!, /^[a-z]+ /, "an imperative");
    assert.doesNotMatch(error.message, /0x1\b|\n/, complaint);
  }
});

Deno.test("ffmpegError() names the signal that ended ffmpeg, unless a message says more", () => {
  const source = { name: "door.mp4", url: CLIP };
  // deno-fmt-ignore: a table
  const ended: readonly (readonly [Deno.Signal, complaint: string, message: string, hint: RegExp])[] = [
    ["SIGSEGV", "", 'ffmpeg crashed (SIGSEGV) while it read "door.mp4"', /^install another version/],
    ["SIGABRT", "[h264 @ 0x1] Assertion x failed", 'ffmpeg crashed (SIGABRT) while it read "door.mp4": Assertion x failed', /^install/],
    ["SIGKILL", "", 'SIGKILL ended ffmpeg while it read "door.mp4"', /memory/],
    ["SIGTERM", "", 'SIGTERM ended ffmpeg while it read "door.mp4"', /^run journalctl/],
    ["SIGKILL", "file:door.mp4: Permission denied", 'no permission to read "door.mp4"', /chmod/],
  ];
  for (const [signal, complaint, message, hint] of ended) {
    const error = ffmpegError(source, complaint, signal);
    assert.equal(error.message, message);
    assert.match(error.hint!, hint);
  }
});

Deno.test("a missing feature of ffmpeg and a wrong option are a ConfigError", () => {
  const missing = SAID.filter(([, , , hint]) => /install|TLS/.test(hint.source)).map(([, complaint]) =>
    complaint
  );
  for (const complaint of [...SETTINGS, ...missing]) {
    assert.ok(ffmpegError({ name: NAME, url: CLIP }, complaint) instanceof ConfigError, complaint);
  }
});

Deno.test("the name of a source is not taken for a message", () => {
  for (const name of ["401 Unauthorized", "Connection refused", "moov atom not found"]) {
    const error = ffmpegError({ name, url: `file:${name}` }, `file:${name}: Something else`);
    assert.equal(error.message, `ffmpeg cannot read "${name}": ${name}: Something else`);
  }
});

Deno.test("each failure of a network camera has its own message", needs("ffmpeg"), async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url }) => {
    return new Response(null, { status: Number(new URL(url).pathname.slice(1)) });
  });
  const { port } = server.addr as Deno.NetAddr;
  const cases: [string, RegExp][] = [
    [`http://127.0.0.1:${port}/401`, /\(401\)/],
    [`http://127.0.0.1:${port}/403`, /\(403\)/],
    [`http://127.0.0.1:${port}/404`, /answers 404/],
    [`http://127.0.0.1:${port}/410`, /refuses the request/],
    [`http://127.0.0.1:${port}/503`, /an internal error/],
    ["http://127.0.0.1:1/", /nothing listens/],
    ["http://no-such-host.invalid/", /host name .* is unknown/],
    [`https://127.0.0.1:${port}/200`, /no secure connection/],
    ["nosuch://127.0.0.1/", /lacks the protocol/],
  ];
  for (const [source, says] of cases) {
    const camera = await openCamera(source, { ...ONCE, realtime: true, repeat: true });
    const { signal } = new AbortController();
    await assert.rejects(Array.fromAsync(camera.frames({ signal })), (error: FatalError | ConfigError) => {
      assert.match(error.message, says, `${source}: ${error.message}`);
      assert.match(error.hint!, /^[a-z]+ /);
      return true;
    });
  }
});

const ADDRESS =
  "rtsp://admin:geheim@10.0.0.7:554/user=admin_password=verborgen&channel=1?pwd=ge%2Fheim7#rest";

Deno.test("withoutSecrets() keeps only fixed phrases of a line that repeats a part of the address", () => {
  const said: Record<string, string> = {
    [`${ADDRESS}: Connection refused`]: "Connection refused",
    "[in#0] Error opening input file rtsp://admin:geheim@10.0.0.7: Invalid data found when processing input":
      "Invalid data found when processing input",
    "[rtsp @ 0x55d] method DESCRIBE failed: 401 Unauthorized for VERBORGEN":
      "method DESCRIBE failed: 401: Unauthorized",
    "Failed to resolve hostname geheim: Name or service not known":
      "Failed to resolve hostname: Name or service not known",
    "tcp://x?pwd=ge/heim7": "",
    "tcp://x?pwd=ge%252Fheim7": "",
    "[http @ 0x55d] HTTP error 404 Not Found for geheim": "HTTP error 404: Not Found",
    "geheim: Server returned 4XX Client Error, but not one of 40{0,1,3,4}":
      "Server returned 4XX Client Error",
    "geheim: method SETUP failed: 461 Unsupported Transport":
      "method SETUP failed: 461: Unsupported Transport",
    "Authorization: Basic YWRtaW46Z2VoZWlt": "",
    "what geheimnis": "",
  };
  for (const [line, kept] of Object.entries(said)) {
    assert.equal(withoutSecrets(line, [ADDRESS]).trim(), kept.trim(), line);
  }
});

Deno.test("withoutSecrets() finds a short password as a word, and the parts of one with reserved characters", () => {
  assert.equal(withoutSecrets("wrong user x7 here", ["rtsp://a:x7@host/"]), "");
  assert.equal(withoutSecrets("wrong user gü%here", ["rtsp://u:g%C3%BC%25here@host/"]), "");
  for (const secret of ["se/cr", "se?cr", "se#cr", "se@cr", "se:cr", "se[cr", "se cr"]) {
    const text = `Port missing in uri ${secret}\nand ${encodeURIComponent(secret)}`;
    assert.equal(withoutSecrets(text, [`rtsp://u:${secret}@host/`]), "Port missing in uri");
  }
});

Deno.test("withoutSecrets() keeps other lines unchanged", () => {
  const text = "Unknown decoder 'h266'\n[h264 @ 0x55a] error while decoding MB 3 4";
  assert.equal(withoutSecrets(text, ["rtsp://admin:geheim@host/live"]), text);
  assert.equal(withoutSecrets(text, []), text);
});

Deno.test("secretOptions() finds headers, cookies and keys", () => {
  const options = [
    "-rtsp_transport",
    "tcp",
    "-headers",
    "Authorization: Bearer",
    "geheim",
    "-x",
    "http://u:p@h",
  ];
  assert.deepEqual(secretOptions(options), ["Authorization: Bearer", "geheim", "http://u:p@h"]);
});
