/**
 * A machine with a V4L2 camera: stand-ins for `v4l2-ctl` and `ffmpeg` on a PATH of their own. They print recorded lists
 * (v4l2_lists.ts), since no V4L2 device exists on a test machine; the stand-in of ffmpeg also gives frames.
 */
import { TempFolder } from "../../lib/testing/temp_folder.ts";

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
}

/** The camera. Its device in tests is `/dev/null`: only the stand-ins open it. */
export class V4l2Camera implements Disposable {
  readonly #folder = new TempFolder();

  constructor(options: V4l2CameraOptions) {
    this.set(options);
  }

  /** Environment of a detector on this machine. */
  get env(): Record<string, string> {
    return { PATH: `${this.#folder.path}:/usr/bin:/bin` };
  }

  /** The command lines of the stand-ins that were started, in order; `-version` is left out. */
  get calls(): string[] {
    return Deno.readTextFileSync(this.#folder.at("calls")).trim().split("\n");
  }

  /** Ends the ffmpeg that reads the camera, as when it is unplugged. */
  unplug(): void {
    Deno.kill(Number(Deno.readTextFileSync(this.#folder.at("pid"))), "SIGKILL");
  }

  /** Replaces the camera. */
  set({ list, script, ffmpegList = "", complaint }: V4l2CameraOptions): void {
    const call = (program: string) => `echo "${program} $*" >>${this.#folder.at("calls")}`;
    this.#folder.write("calls", "");
    this.#folder.write("list", list ?? "");
    this.#folder.write("ffmpeg-list", ffmpegList);
    this.#folder.write("complaint", `${complaint}\n`);
    // Where v4l2-ctl is installed all the same, this one is not to be executed and ends the search on PATH.
    const lists = script ?? (list === undefined ? "exit 127" : `cat ${this.#folder.at("list")}`);
    this.#folder.write("v4l2-ctl", `#!/bin/sh\n${call("v4l2-ctl")}\n${lists}\n`, 0o755);
    // Other programs of a test machine hold /dev/null.
    this.#folder.write("fuser", "#!/bin/sh\nexit 1\n", 0o755);
    const frames = `echo $$ >${
      this.#folder.at("pid")
    }; printf 'YUV4MPEG2 W64 H64 F30:1 C420mpeg2\\n'; while :; do printf 'FRAME\\n'; head -c 6144 /dev/zero | tr '\\0' '\\200'; sleep 0.05; done`;
    const reads = complaint === undefined ? frames : `cat ${this.#folder.at("complaint")} >&2; exit 1`;
    const cases = [
      "-version) echo ffmpeg version 5.1; exit;;",
      `*-list_formats*) ${call("ffmpeg")}; cat ${this.#folder.at("ffmpeg-list")} >&2; exit 1;;`,
    ];
    this.#folder.write(
      "ffmpeg",
      `#!/bin/sh\ncase "$*" in ${cases.join(" ")} esac\n${call("ffmpeg")}\n${reads}\n`,
      0o755,
    );
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
