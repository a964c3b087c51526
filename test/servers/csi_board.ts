/** A board with a CSI camera: stand-ins for the camera programs on their own PATH. */

/** The state of the stand-ins' camera. */
export interface CsiState {
  readonly camera: "connected" | "unplugged" | "frozen" | "busy" | "forbidden" | "no daemon";
  /** Degrees clockwise by which its picture has to be rotated to be upright. */
  readonly mounted: number;
  /** An element that GStreamer does not have. */
  readonly lacks?: string;
}

export type CsiStandIn = "rpicam-vid" | "libcamera-vid" | "gst-launch-1.0";

export class CsiBoard implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "csi-" });
  #state: CsiState = { camera: "connected", mounted: 0 };

  constructor(...programs: CsiStandIn[]) {
    this.set({});
    const standIn = new URL("csi_stand_in.ts", import.meta.url).pathname;
    Deno.mkdirSync(`${this.folder}/bin`);
    for (const program of programs) {
      const path = `${this.folder}/bin/${program}`;
      const command =
        `'${Deno.execPath()}' run -A --quiet --no-lock '${standIn}' '${this.folder}' '${program}'`;
      Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    }
  }

  /** Environment of a detector on this board: the stand-ins and no other program. */
  get env(): Record<string, string> {
    return { PATH: `${this.folder}/bin` };
  }

  /** The command lines of the stand-ins that were started, in order. */
  get calls(): string[][] {
    const text = Deno.readTextFileSync(`${this.folder}/calls`);
    return text.trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Whether the last started program still runs. */
  get isReading(): boolean {
    try {
      const pid = Deno.readTextFileSync(`${this.folder}/pid`);
      return pid !== "" && Deno.statSync(`/proc/${pid}`).isDirectory;
    } catch {
      return false;
    }
  }

  /** Kills the last started program. */
  kill(): void {
    Deno.kill(Number(Deno.readTextFileSync(`${this.folder}/pid`)), "SIGKILL");
  }

  /** Writes the file in one step: it is read at any moment. */
  set(change: Partial<CsiState>): void {
    this.#state = { ...this.#state, ...change };
    Deno.writeTextFileSync(`${this.folder}/state.new`, JSON.stringify(this.#state));
    Deno.renameSync(`${this.folder}/state.new`, `${this.folder}/state.json`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
