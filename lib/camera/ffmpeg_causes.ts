/** The causes of ffmpeg's failures: its message, our message and the remedy. A table for ffmpeg_error.ts. */
import { FRAME_LIMIT } from "../image/frame.ts";

/** One cause. */
export interface Cause {
  /** Matches ffmpeg's message. */
  readonly says: RegExp;
  /** Our message. `name`: the source, in quotes. `said`: ffmpeg's line. */
  readonly what: (name: string, said: string) => string;
  /** The remedy, an imperative. `name`: the source, in quotes where a shell needs them. */
  readonly hint: string | ((name: string) => string);
  /** Limits the cause to one kind of source. */
  readonly of?: SourceKind;
  /** The settings or this machine's ffmpeg are wrong, not the source. */
  readonly settings?: true;
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
    says: /exceeds specified max pixel count|Picture size (?!0x)\S+ is invalid/,
    what: (name) => `the frames of ${name} are too large: the limit is ${FRAME_LIMIT}`,
    hint: "give a smaller picture, or set a smaller resolution in the camera",
  },
  {
    says: /unspecified size/,
    of: "address",
    what: (name) => `${name} sent no key frame while ffmpeg probed the stream`,
    hint:
      "set a shorter key frame interval (I-frame interval, GOP) in the camera, or --ffmpeg-options '-analyzeduration 60M -probesize 60M'",
  },
  {
    says: /unspecified size|Picture size 0x0|to value 0x0|dimensions not set/,
    what: (name) => `${name} has frames without a size`,
    hint: (name) => `run ffprobe ${name} to see what it holds`,
  },
  {
    says: WRONG_OPTION,
    what: (_, said) => `ffmpeg rejects an option: ${said}`,
    hint: 'check --ffmpeg-options and --input-format against the version in "ffmpeg -version"',
    settings: true,
  },
  {
    says:
      /Unknown (input format|decoder|encoder)|No such input format|Invalid decoder type|Unrecogni[sz]ed hwaccel/,
    what: (_, said) => `ffmpeg rejects an option: ${said}`,
    hint:
      'check --ffmpeg-options and --input-format: "ffmpeg -formats" and "ffmpeg -decoders" list the valid names',
    settings: true,
  },
  {
    says: NO_HARDWARE,
    what: (_, said) => `this machine lacks the hardware decoder of --ffmpeg-options: ${said}`,
    hint: "remove -hwaccel, -init_hw_device and -c:v from --ffmpeg-options, or install the hardware's driver",
    settings: true,
  },
  {
    says: /Decoder \(codec \S+\) not found|no decoder found for|Decoder not found/,
    what: (name, said) => `this ffmpeg has no decoder for ${name}: ${said}`,
    hint: "install a complete ffmpeg (sudo apt-get install ffmpeg), or set the camera to H.264",
    settings: true,
  },
  {
    says: /Protocol '.*' not on whitelist/,
    what: (name, said) => `${name} refers to an address that ffmpeg does not open from a file: ${said}`,
    hint:
      "give the address that it refers to, or set --ffmpeg-options '-protocol_whitelist file,http,https,tcp,tls,crypto'",
    settings: true,
  },
  {
    says: /Protocol not found/,
    what: (name) => `this ffmpeg lacks the protocol of ${name}`,
    hint: 'install a complete ffmpeg (https needs TLS); "ffmpeg -protocols" lists the protocols that it has',
    settings: true,
  },
  {
    says: /Device or resource busy/,
    what: (name) => `the camera ${name} is in use by another program`,
    hint: (name) => `run fuser -v ${name} to find that program, then stop it`,
  },
  {
    says: /Permission denied|Operation not permitted/,
    of: "device",
    what: (name) => `no permission to read ${name}`,
    hint: "add this user to the group of the device: sudo usermod -aG video $USER, then log in again",
  },
  {
    says: /Permission denied|Operation not permitted/,
    what: (name) => `no permission to read ${name}`,
    hint: (name) => `let this user read the file: chmod a+r ${name}`,
  },
  {
    says: /Is a directory/,
    of: "device",
    what: (name) => `${name} is a folder, not a camera`,
    hint: (name) => `give one of the devices in it: ls ${name}`,
  },
  {
    says: /Inappropriate ioctl for device|Not a video capture device|not support streaming/,
    what: (name, said) => `cannot read ${name}, which is not a capture device: ${said}`,
    hint: "run v4l2-ctl --list-devices and give the first device of the camera",
  },
  {
    says:
      /Cannot find a proper format|VIDIOC_[ST]RY?_FMT|VIDIOC_S_(FMT|PARM)|not supported by the (device|driver)/,
    what: (name, said) => `the camera ${name} does not offer these pictures: ${said}`,
    hint: FORMATS,
  },
  {
    says: /No space left on device/,
    of: "device",
    what: (name) => `the USB bus lacks the bandwidth for ${name}`,
    hint: "set --input-format mjpeg or a smaller --size, or plug the camera in at another USB controller",
  },
  {
    says: /No such file or directory|No such device/,
    of: "device",
    what: (name) => `no camera at ${name}`,
    hint: PLUGGED_IN,
  },
  {
    says: /No such file or directory/,
    what: (name) => `${name} does not exist`,
    hint: "check the path",
  },
  {
    says: /401 \(?Unauthorized|returned 401|failed: 401/,
    what: (name) => `${name} refuses the user name or password (401)`,
    hint:
      "give both in the address, as rtsp://USER:PASSWORD@HOST/..., in the environment variable HAARLEM_SOURCE",
  },
  {
    says: /403 \(?Forbidden|returned 403|failed: 403/,
    what: (name) =>
      `${name} refuses the user name or password, or this user has no permission for the stream (403)`,
    hint: "give this user access to the stream in the camera's settings, or set another user",
  },
  {
    says: /404 \(?(Stream )?Not Found|returned 404|failed: 404/i,
    what: (name) => `${name} does not exist: the camera answers 404`,
    hint: "check the path of the address against the camera's manual",
  },
  {
    says: /461 \(?Unsupported Transport|failed: 461/i,
    what: (name) => `${name} does not send over TCP (461)`,
    hint: "set --ffmpeg-options '-rtsp_transport udp'",
  },
  {
    says: /returned 5(\d\d|XX)|failed: (5\d\d|453)|error 5\d\d/,
    what: (name, said) => `the camera at ${name} has an internal error or too many viewers: ${said}`,
    hint: "end other viewers of the camera, or restart the camera",
  },
  {
    says: /returned 4(\d\d|XX)|failed: 4\d\d/,
    what: (name, said) => `${name} refuses the request: ${said}`,
    hint: "check the address against the camera's manual",
  },
  {
    says:
      /Failed to resolve hostname|Name or service not known|name resolution|No address associated|nodename nor servname/i,
    what: (name) => `the host name of ${name} is unknown`,
    hint: "check the host name, or give the camera's IP address",
  },
  {
    says: /Connection refused/,
    what: (name) => `${name} does not answer: nothing listens at that port`,
    hint: "check the port, and switch the stream on in the camera's settings",
  },
  {
    says: /timed out|time out|timeout/i,
    of: "address",
    what: (name) => `${name} does not answer in time`,
    hint: "check that the camera is switched on, and ping it from this machine",
  },
  {
    says: /No route to host|Network is unreachable|Host is down|Network is down/i,
    what: (name) => `${name} does not answer: there is no route to it`,
    hint: "check the camera's IP address and this machine's network",
  },
  {
    says: /\[tls @|SSL routines|certificate|unexpected TLS packet/i,
    what: (name) => `no secure connection to ${name}`,
    hint: "check whether the camera speaks https at that port, or give its http address",
  },
  {
    says: /Connection reset|Broken pipe|Connection aborted/i,
    of: "address",
    what: (name) => `the camera at ${name} closed the connection`,
    hint: "end other viewers of the camera, or restart the camera",
  },
  {
    says: /matches no streams|does not contain any stream/i,
    what: (name) => `${name} holds no video`,
    hint: "give a clip, a stream or a picture with a video stream",
  },
  {
    says: /moov atom not found|partial file/i,
    what: (name) => `${name} is incomplete, or neither a video nor a picture that ffmpeg can read`,
    hint: (name) => `run ffprobe ${name}, and record or copy the clip again`,
  },
  {
    says:
      /Invalid data found|could not find codec|received no packets|Cannot determine format|Output file is empty/i,
    what: (name) => `${name} is neither a video nor a picture that ffmpeg can read`,
    hint: (name) => `run ffprobe ${name}, and convert it or install a newer ffmpeg`,
  },
];

function anyOf(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"));
}
