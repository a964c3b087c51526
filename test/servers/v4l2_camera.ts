/**
 * A machine with a V4L2 camera: stand-ins for `v4l2-ctl` and `ffmpeg` on a PATH of their own. They print recorded lists
 * (v4l2_lists.ts), since no V4L2 device exists on a test machine. Whatever ffmpeg is to do with the camera's pictures, the
 * real one does with a clip of JPEGs in place of the device.
 */
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { findParts } from "../parts.ts";

/** What the stand-ins print, and how they fail. */
export interface V4l2CameraOptions {
  /** The list of v4l2-ctl; without it that program is not installed. */
  readonly list?: string;
  /** A script of the shell in place of that list. */
  readonly script?: string;
  /** The list of ffmpeg; without it ffmpeg lists nothing. */
  readonly ffmpegList?: string;
  /** ffmpeg's complaint when it should read the camera. */
  readonly complaint?: string;
  /** Limits the complaint to this format. */
  readonly refused?: string;
}

/** The camera. Its device in tests is `/dev/null`: only the stand-ins open it. */
export class V4l2Camera implements Disposable {
  readonly #folder = new TempFolder();

  constructor(options: V4l2CameraOptions) {
    this.#makeClip();
    this.set(options);
  }

  /** Environment of a detector on this machine. */
  get env(): Record<string, string> {
    return { PATH: `${this.#folder.path}:/usr/bin:/bin` };
  }

  /** The command lines of the stand-ins that were started, in order, without those that read no camera. */
  get calls(): string[] {
    return Deno.readTextFileSync(this.#folder.at("calls")).trim().split("\n");
  }

  /** Ends the ffmpeg that reads the camera, as when it is unplugged. */
  unplug(): void {
    Deno.kill(Number(Deno.readTextFileSync(this.#folder.at("pid"))), "SIGKILL");
  }

  /** Replaces the camera. */
  set({ list, script, ffmpegList = "", complaint, refused }: V4l2CameraOptions): void {
    this.#folder.write("calls", "");
    this.#folder.write("list", list ?? "");
    this.#folder.write("ffmpeg-list", ffmpegList);
    this.#folder.write("complaint", `${complaint}\n`);
    // Where v4l2-ctl is installed all the same, this one is not to be executed and ends the search on PATH.
    const lists = script ?? (list === undefined ? "exit 127" : `cat ${this.#folder.at("list")}`);
    this.#folder.write("v4l2-ctl", `#!/bin/sh\n${this.#call("v4l2-ctl")}\n${lists}\n`, 0o755);
    // Other programs of a test machine hold /dev/null.
    this.#folder.write("fuser", "#!/bin/sh\nexit 1\n", 0o755);
    this.#folder.write("ffmpeg", this.#ffmpeg({ complains: complaint !== undefined, refused }), 0o755);
  }

  /** The script of ffmpeg: the options from `-f v4l2` to `-i DEVICE` are replaced by the clip. */
  #ffmpeg({ complains, refused }: { readonly complains: boolean; readonly refused?: string }): string {
    const which = refused ? `*"-input_format ${refused} "*` : "*";
    const at = (name: string) => this.#folder.at(name);
    return `#!/bin/sh
case "$*" in
  *-list_formats*) ${this.#call("ffmpeg")}; cat ${at("ffmpeg-list")} >&2; exit 1;;
  *"-f v4l2"*) ${this.#call("ffmpeg")}; echo $$ >${at("pid")}
    ${complains ? `case "$*" in ${which}) cat ${at("complaint")} >&2; exit 1;; esac` : ""};;
esac
left=$#
while [ $left -gt 0 ]; do
  if [ "$1 $2" = "-f v4l2" ]; then
    while [ "$1" != -i ]; do shift; left=$((left - 1)); done
    shift 2; left=$((left - 2))
    set -- "$@" -re -f avi -i ${at("clip.avi")}
  else
    set -- "$@" "$1"; shift; left=$((left - 1))
  fi
done
exec ${findParts().ffmpeg} "$@"
`;
  }

  /** Thirty seconds of small JPEGs. */
  #makeClip(): void {
    const source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=20", "-t", "30"];
    const args = [
      "-v",
      "error",
      ...source,
      "-pix_fmt",
      "yuvj422p",
      "-c:v",
      "mjpeg",
      this.#folder.at("clip.avi"),
    ];
    const { success } = new Deno.Command(findParts().ffmpeg!, { args }).outputSync();
    if (!success) throw new Error("ffmpeg cannot make the clip of the camera");
  }

  #call(program: string): string {
    return `echo "${program} $*" >>${this.#folder.at("calls")}`;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
