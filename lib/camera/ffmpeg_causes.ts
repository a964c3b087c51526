/** The causes of ffmpeg's failures: its message, our message and the remedy. A table for ffmpeg_error.ts. */
import { FRAME_LIMIT } from "../image/frame.ts";

/** One cause. */
export interface Cause {
  /** Matches ffmpeg's message. */
  readonly pattern: RegExp;
  /** Our message. `name`: the source, in quotes. `line`: ffmpeg's message. */
  readonly message: (name: string, line: string) => string;
  /** The remedy, an imperative. `name`: the source, in quotes where a shell needs them. */
  readonly hint: string | ((name: string) => string);
  /** Limits the cause to one kind of source. */
  readonly kind?: SourceKind;
  /** The settings or this machine's ffmpeg are wrong, not the source. */
  readonly settings?: true;
  /** Another format of the device may work. */
  readonly format?: true;
}

export type SourceKind = "device" | "file" | "address";

export const FORMATS = (name: string) =>
  `run ffmpeg -f v4l2 -list_formats all -i ${name}, then set --input-format, --size and --rate to what it lists`;
const PLUGGED_IN = "run ls /dev/v4l/by-id/ to see the cameras that are plugged in";

/** ffmpeg's messages for a wrong option or value. */
const WRONG_OPTION = anyOf(
  /Unrecognized option|Option \S* ?not found|Missing argument for option|cannot be applied to/,
  /Error setting option|Unable to parse (option|"\w+" option)|Failed to set value|Expected \w+ for/,
  /Invalid (loglevel|duration|discard)|No such (filter|pixel format)|(?<!Protocol '.*' )not on whitelist/,
  /Error parsing (options for|global options|framerate|discard|bitstream filter)|Bitstream filter not found/,
  /for parameter.* out of range|must be non-negative/,
);

/** ffmpeg's messages when it ends for lack of a hardware decoder; when it continues without one it prints others. */
const NO_HARDWARE = anyOf(
  /(Device|Hardware device) setup failed|Could not find a valid device|can't configure decoder/,
  /Failed loading nvcuvid|MFX session/,
);

/** The first match counts. Messages of ffmpeg 3.4 to 9. */
export const CAUSES: readonly Cause[] = [
  {
    pattern: /exceeds specified max pixel count|Picture size (?!0x)\S+ is invalid/,
    message: (name) => `the frames of ${name} are too large: the limit is ${FRAME_LIMIT}`,
    hint: "give a smaller picture, or set a smaller resolution in the camera",
  },
  {
    pattern: /unspecified size/,
    kind: "address",
    message: (name) => `${name} sent no key frame while ffmpeg probed the stream`,
    hint:
      "set a shorter key frame interval (I-frame interval, GOP) in the camera, or --ffmpeg-options '-analyzeduration 60M -probesize 60M'",
  },
  {
    pattern: /unspecified size|Picture size 0x0|to value 0x0|dimensions not set/,
    message: (name) => `${name} has frames without a size`,
    hint: (name) => `run ffprobe ${name} to see what it holds`,
  },
  {
    pattern: WRONG_OPTION,
    message: (_, line) => `ffmpeg rejects an option: ${line}`,
    hint: 'check --ffmpeg-options and --input-format against the version in "ffmpeg -version"',
    settings: true,
  },
  {
    pattern:
      /Unknown (input format|decoder|encoder)|No such input format|Invalid decoder type|Unrecogni[sz]ed hwaccel/,
    message: (_, line) => `ffmpeg rejects an option: ${line}`,
    hint:
      'check --ffmpeg-options and --input-format: "ffmpeg -formats" and "ffmpeg -decoders" list the valid names',
    settings: true,
  },
  {
    pattern: NO_HARDWARE,
    message: (_, line) => `this machine lacks the hardware decoder of --ffmpeg-options: ${line}`,
    hint: "remove -hwaccel, -init_hw_device and -c:v from --ffmpeg-options, or install the hardware's driver",
    settings: true,
  },
  {
    pattern: /Decoder \(codec \S+\) not found|no decoder found for|Decoder not found/,
    message: (name, line) => `this ffmpeg has no decoder for ${name}: ${line}`,
    hint: "install a complete ffmpeg (sudo apt-get install ffmpeg), or set the camera to H.264",
    settings: true,
  },
  {
    pattern: /Protocol '.*' not on whitelist/,
    message: (name, line) => `${name} refers to an address that ffmpeg does not open from a file: ${line}`,
    hint:
      "give the address that it refers to, or set --ffmpeg-options '-protocol_whitelist file,http,https,tcp,tls,crypto'",
    settings: true,
  },
  {
    pattern: /Protocol not found/,
    message: (name) => `this ffmpeg lacks the protocol of ${name}`,
    hint: 'install a complete ffmpeg (https needs TLS); "ffmpeg -protocols" lists the protocols that it has',
    settings: true,
  },
  {
    pattern: /Device or resource busy/,
    message: (name) => `the camera ${name} is in use by another program`,
    hint: (name) => `run fuser -v ${name} to find that program, then stop it`,
  },
  {
    pattern: /Permission denied|Operation not permitted/,
    kind: "device",
    message: (name) => `no permission to read ${name}`,
    hint: "add this user to the group of the device: sudo usermod -aG video $USER, then log in again",
  },
  {
    pattern: /Permission denied|Operation not permitted/,
    message: (name) => `no permission to read ${name}`,
    hint: (name) => `let this user read the file: chmod a+r ${name}`,
  },
  {
    pattern: /Is a directory/,
    kind: "device",
    message: (name) => `${name} is a folder, not a camera`,
    hint: (name) => `give one of the devices in it: ls ${name}`,
  },
  {
    pattern: /Inappropriate ioctl for device|Not a video capture device|not support streaming/,
    message: (name, line) => `cannot read ${name}, which is not a capture device: ${line}`,
    hint: "run v4l2-ctl --list-devices and give the first device of the camera",
  },
  {
    pattern:
      /Cannot find a proper format|VIDIOC_[ST]RY?_FMT|VIDIOC_S_(FMT|PARM)|not supported by the (device|driver)/,
    message: (name, line) => `the camera ${name} does not offer these pictures: ${line}`,
    hint: FORMATS,
    format: true,
  },
  {
    pattern: /No space left on device/,
    kind: "device",
    message: (name) => `the USB bus lacks the bandwidth for ${name}`,
    hint: "set --input-format mjpeg or a smaller --size, or plug the camera in at another USB controller",
    format: true,
  },
  {
    pattern: /No such file or directory|No such device/,
    kind: "device",
    message: (name) => `no camera at ${name}`,
    hint: PLUGGED_IN,
  },
  {
    pattern: /No such file or directory/,
    message: (name) => `${name} does not exist`,
    hint: "check the path",
  },
  {
    pattern: /401 \(?Unauthorized|returned 401|failed: 401/,
    message: (name) => `${name} refuses the user name or password (401)`,
    hint:
      "give both in the address, as rtsp://USER:PASSWORD@HOST/..., in the environment variable HAARLEM_SOURCE",
  },
  {
    pattern: /403 \(?Forbidden|returned 403|failed: 403/,
    message: (name) =>
      `${name} refuses the user name or password, or this user has no permission for the stream (403)`,
    hint: "give this user access to the stream in the camera's settings, or set another user",
  },
  {
    pattern: /404 \(?(Stream )?Not Found|returned 404|failed: 404/i,
    message: (name) => `${name} does not exist: the camera answers 404`,
    hint: "check the path of the address against the camera's manual",
  },
  {
    pattern: /461 \(?Unsupported Transport|failed: 461/i,
    message: (name) => `${name} does not send over TCP (461)`,
    hint: "set --ffmpeg-options '-rtsp_transport udp'",
  },
  {
    pattern: /returned 5(\d\d|XX)|failed: (5\d\d|453)|error 5\d\d/,
    message: (name, line) => `the camera at ${name} has an internal error or too many viewers: ${line}`,
    hint: "end other viewers of the camera, or restart the camera",
  },
  {
    pattern: /returned 4(\d\d|XX)|failed: 4\d\d/,
    message: (name, line) => `${name} refuses the request: ${line}`,
    hint: "check the address against the camera's manual",
  },
  {
    pattern:
      /Failed to resolve hostname|Name or service not known|name resolution|No address associated|nodename nor servname/i,
    message: (name) => `the host name of ${name} is unknown`,
    hint: "check the host name, or give the camera's IP address",
  },
  {
    pattern: /Connection refused/,
    message: (name) => `${name} does not answer: nothing listens at that port`,
    hint: "check the port, and switch the stream on in the camera's settings",
  },
  {
    pattern: /timed out|time out|timeout/i,
    kind: "address",
    message: (name) => `${name} does not answer in time`,
    hint: "check that the camera is switched on, and ping it from this machine",
  },
  {
    pattern: /No route to host|Network is unreachable|Host is down|Network is down/i,
    message: (name) => `${name} does not answer: there is no route to it`,
    hint: "check the camera's IP address and this machine's network",
  },
  {
    pattern: /\[tls @|SSL routines|certificate|unexpected TLS packet/i,
    message: (name) => `no secure connection to ${name}`,
    hint: "check whether the camera speaks https at that port, or give its http address",
  },
  {
    pattern: /Connection reset|Broken pipe|Connection aborted/i,
    kind: "address",
    message: (name) => `the camera at ${name} closed the connection`,
    hint: "end other viewers of the camera, or restart the camera",
  },
  {
    pattern: /matches no streams|does not contain any stream/i,
    message: (name) => `${name} holds no video`,
    hint: "give a clip, a stream or a picture with a video stream",
  },
  {
    pattern: /moov atom not found|partial file/i,
    message: (name) => `${name} is incomplete, or neither a video nor a picture that ffmpeg can read`,
    hint: (name) => `run ffprobe ${name}, and record or copy the clip again`,
  },
  {
    pattern:
      /Invalid data found|could not find codec|received no packets|Cannot determine format|Output file is empty/i,
    message: (name) => `${name} is neither a video nor a picture that ffmpeg can read`,
    hint: (name) => `run ffprobe ${name}, and convert it or install a newer ffmpeg`,
  },
];

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"));
}
