/** Why a CSI camera gives no frames, out of what its program says. */
import { ConfigError, FatalError } from "../errors.ts";

/** What to install, by system; the first package of a line brings the program. */
export const CSI_PACKAGES =
  `install the program of this board: on Raspberry Pi OS "sudo apt-get install rpicam-apps-lite" (bullseye: ` +
  `libcamera-apps-lite), on a Jetson "sudo apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good ` +
  `nvidia-l4t-gstreamer"`;

const ELEMENT_PACKAGES: Readonly<Record<string, string>> = {
  nvarguscamerasrc: "nvidia-l4t-gstreamer",
  nvvidconv: "nvidia-l4t-gstreamer",
  y4menc: "gstreamer1.0-plugins-good",
  videorate: "gstreamer1.0-plugins-base",
};

/** What went wrong, as the rest of a sentence that begins with the camera. */
interface Cause {
  readonly reason: string;
  readonly hint: string;
  /** A mistake that no retry can mend. */
  readonly settings?: true;
}

/** A pattern in what the programs say, and what it means. */
type Rule = readonly [RegExp, (found: RegExpExecArray, source: { name: string; camera: number }) => Cause];

/** The first that fits counts, so that what says more stands above what says less. */
const RULES: readonly Rule[] = [
  // rpicam-vid and libcamera
  // GStreamer's cache of its plugins is of no importance, and a service has no home for it.
  [/Could not open any dma|^(?!.*registry).*(?:Permission denied|Operation not permitted)/m, () => ({
    reason: "no permission to open it",
    hint: 'add the user to the group that may: "sudo usermod -aG video $USER", then log in again',
  })],
  [
    /Pipeline handler in use by another process|failed to acquire camera|Unable to set format: Device or resource busy/,
    () => ({
      reason: "it is in use by another program",
      hint: 'end the other program; "fuser -v /dev/media* /dev/video*" names it',
    }),
  ],
  [/selected camera is not available|Invalid camera device specified/, (_, { camera }) => ({
    reason: `no camera has the number ${camera}`,
    hint: "use a smaller number in --source csi:NUMBER; the first camera is 0",
  })],
  [/no cameras available/i, () => ({
    reason: "no camera is connected",
    hint:
      "switch the board off and check both ends of the camera's cable; the contacts face the board's contacts",
  })],
  [/configured for the legacy camera stack/, () => ({
    reason: "the board is configured for the legacy camera stack",
    hint: "run sudo raspi-config, disable Interface Options > Legacy Camera, and restart the board",
  })],
  [/only supports the Raspberry Pi platforms/, () => ({
    reason: "rpicam-vid does not support this board",
    hint: "use the camera's device, such as --source /dev/video0",
    settings: true,
  })],
  [/failed to allocate capture buffers|Cannot allocate memory|Failed to allocate/, () => ({
    reason: "not enough memory for its frames",
    hint: "set a smaller --size",
  })],
  [/unrecognised option '?"?([^'"\s]+)|unrecognized option '?"?([^'"\s]+)/, (found) => ({
    reason: `its program is too old for the option ${found[1] ?? found[2]}`,
    hint: "upgrade it: sudo apt-get update && sudo apt-get upgrade",
    settings: true,
  })],
  [/error while loading shared libraries: ([^:\s]+)/, (found) => ({
    reason: `its program lacks the library ${found[1]}`,
    hint: "install it again: sudo apt-get install --reinstall and the package of the program",
    settings: true,
  })],
  [/Camera frontend has timed out|Device timeout detected|Dequeue timer of \S+ has expired/, () => ({
    reason: "its sensor does not answer",
    hint: "check both ends of the camera's cable, or try a shorter one",
  })],
  // GStreamer and Argus
  [/no element "([^"]+)"/, (found) => ({
    reason: `GStreamer has no element "${found[1]}"`,
    hint: found[1].startsWith("nv") || !ELEMENT_PACKAGES[found[1]]
      ? CSI_PACKAGES
      : `run sudo apt-get install ${ELEMENT_PACKAGES[found[1]]}`,
    settings: true,
  })],
  [
    /Connecting to nvargus-daemon failed|Failed to create CameraProvider|Cannot create camera provider/,
    () => ({
      reason: "nvargus-daemon does not answer",
      hint: "start it: sudo systemctl restart nvargus-daemon",
    }),
  ],
  [/Failed to create CaptureSession/, () => ({
    reason: "another program uses it, or nvargus-daemon hangs",
    hint: "end the other program, then sudo systemctl restart nvargus-daemon",
  })],
  [/Frame Rate specified is greater than supported/, () => ({
    reason: "it is slower than --rate at this --size",
    hint: "set a lower --rate or a smaller --size",
    settings: true,
  })],
  [/Error Timeout|Argus Error Status|Error InvalidState|CONSUMER: ERROR OCCURRED/, () => ({
    reason: "its sensor does not answer",
    hint: "check both ends of the camera's cable, then sudo systemctl restart nvargus-daemon",
  })],
  [
    /could not link|not-negotiated|Device \S+ failed to set format|failed to (?:valid|configure) stream/,
    () => ({
      reason: "it does not offer this size or rate",
      hint: "set another --size or --rate",
    }),
  ],
];

/** Lines that say nothing of a cause. */
const NOISE =
  /^\s*$| INFO | WARN |^(?:GST_ARGUS|CONSUMER): |^\s*(?:Camera|Output Stream|seconds|Frame Rate)|^Got EOS|^Execution ended|^Setting pipeline|^Freeing pipeline|^Mode selection|^\s+\S+ .*Score: |Opening in BLOCKING MODE|^Stream configuration adjusted/;

/** The error for a camera whose program ended or froze; `happened` is told where the program itself gives no reason. */
export function csiError(
  text: string,
  source: { readonly name: string; readonly camera: number; readonly program: string },
  happened: string,
): FatalError | ConfigError {
  for (const [pattern, meaning] of RULES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const { reason, hint, settings } = meaning(found, source);
    const message = `cannot read the camera "${source.name}": ${reason}`;
    return settings ? new ConfigError(message, hint) : new FatalError(message, hint);
  }
  const words = text.split("\n").filter((line) => !NOISE.test(line)).at(-1)?.trim();
  return new FatalError(
    `cannot read the camera "${source.name}": ${happened}${words ? `: ${words}` : ""}`,
    `run ${source.program} by hand to see all that it says`,
  );
}
