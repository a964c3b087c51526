/** An `ffmpeg` on PATH that records each run before it becomes the real one. For tests; PATH is that of this process. */
import { findProgram } from "../parts.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";

/** What a run of ffmpeg is for, by its arguments. */
export type FfmpegRole = "decoder" | "copy" | "other";

/** Options of {@link FfmpegWrapper}. */
export interface WrapperOptions {
  /** Arguments that replace those up to `-i SOURCE`, for a source that this machine does not have. */
  readonly input?: { readonly of: string; readonly args: string };
  /** Commands of the shell that a decoder runs first, such as `exit 1`. */
  readonly decoder?: string;
}

export class FfmpegWrapper implements Disposable {
  readonly #folder = new TempFolder();
  readonly #path = Deno.env.get("PATH")!;

  constructor({ input, decoder = ":" }: WrapperOptions = {}) {
    const real = findProgram("ffmpeg")!;
    const replaced = input
      ? `case " $* " in *" ${input.of} "*) while [ "$1" != -i ]; do shift; done; shift 2; set -- -nostdin ${input.args} "$@" ;; esac`
      : ":";
    const script = `#!/bin/sh
role=other
case " $* " in *" matroska "*) role=decoder ;; *" copy "*) role=copy ;; esac
echo "$role $$ $*" >> '${this.#folder.at("runs")}'
if [ $role = decoder ]; then ${decoder}; fi
${replaced}
exec '${real}' "$@"
`;
    Deno.writeTextFileSync(this.#folder.at("ffmpeg"), script, { mode: 0o755 });
    Deno.env.set("PATH", `${this.#folder.path}:${this.#path}`);
  }

  /** The runs of a role so far: process id and arguments. */
  runs(role: FfmpegRole): { readonly pid: number; readonly args: string }[] {
    const lines = this.#log().split("\n").map((line) => line.split(" "));
    return lines.filter(([name]) => name === role)
      .map(([, pid, ...args]) => ({ pid: Number(pid), args: args.join(" ") }));
  }

  /** Those of all runs that have not ended. */
  get alive(): number[] {
    const pids = [...this.runs("decoder"), ...this.runs("copy")].map(({ pid }) => pid);
    return pids.filter((pid) => {
      try {
        return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
      } catch {
        return false;
      }
    });
  }

  #log(): string {
    try {
      return Deno.readTextFileSync(this.#folder.at("runs"));
    } catch {
      return "";
    }
  }

  [Symbol.dispose](): void {
    Deno.env.set("PATH", this.#path);
    this.#folder[Symbol.dispose]();
  }
}
