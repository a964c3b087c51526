/** Starts the camera of bench:camera (mjpeg_server.ts) and collects what it reports. */
import { sendSignal } from "../lib/send_signal.ts";
import { join } from "node:path";
import { readLines } from "../lib/camera/camera_process.ts";

/** What a camera sends: frames of a scene, then those of the next, again and again. */
export type Play = readonly (readonly [scene: string, frames: number])[];

/** The moment at which the first frame of a part was sent. */
export interface PartStart {
  readonly connection: number;
  readonly scene: string;
  readonly atMs: number;
}

export class MjpegCamera implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #port: Promise<string>;
  readonly #reading: Promise<void>;
  #starts: PartStart[] = [];

  /** @param folder the folder of the scenes. @param rate frames per second. */
  constructor(folder: string, private readonly rate: number) {
    const args = ["run", "-A", "--quiet", join(import.meta.dirname!, "mjpeg_server.ts"), folder];
    this.#process = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
    const port = Promise.withResolvers<string>();
    this.#port = port.promise;
    this.#reading = readLines(this.#process.stdout, (line) => {
      const [, listening] = /^listening (\d+)/.exec(line) ?? [];
      if (listening) port.resolve(listening);
      const [, connection, scene, atMs] = /^part (\d+) (\S+) (\d+)/.exec(line) ?? [];
      if (connection) this.#starts.push({ connection: Number(connection), scene, atMs: Number(atMs) });
    }).finally(() => port.reject(new Error("the camera of the benchmark ended")));
    this.#port.catch(() => {});
  }

  async address(play: Play): Promise<string> {
    const parts = play.map(([scene, frames]) => `${scene}:${frames}`).join(",");
    return `http://127.0.0.1:${await this.#port}/?rate=${this.rate}&play=${parts}`;
  }

  /** The number of frames that the last client took. */
  async sent(): Promise<number> {
    return Number(await (await fetch(`http://127.0.0.1:${await this.#port}/sent`)).text());
  }

  /** The parts that the last client saw, since the last call. */
  takeStarts(): PartStart[] {
    const last = Math.max(...this.#starts.map(({ connection }) => connection));
    const starts = this.#starts.filter(({ connection }) => connection === last);
    this.#starts = [];
    return starts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    sendSignal(this.#process, "SIGKILL");
    await this.#process.status;
    await this.#reading;
  }
}
