/**
 * The main stream of a camera whose sub stream is searched: a stream that is copied, or a snapshot address. It is opened
 * again, with backoff, when it is lost; meanwhile there are no pictures, and the sub stream goes on.
 */
import { Backoff } from "../async/backoff.ts";
import { delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import type { HeldPicture } from "../image/frame.ts";
import { safeAddress } from "../safe_address.ts";
import { kindOf } from "./address_camera.ts";
import { isInterrupted } from "./camera_process.ts";
import { CopiedStream } from "./copied_stream.ts";
import { filters } from "./ffmpeg_camera.ts";
import { HttpPictures } from "./http_picture.ts";
import { type SourceOptions, streamInput } from "./open_camera.ts";
import { PolledPictures } from "./polled_pictures.ts";
import { HeldPictures, type MainSource, type OnMain } from "./main_pictures.ts";

/** How to open the main stream. */
export interface MainStreamOptions extends Pick<SourceOptions, "rotate" | "ffmpegOptions" | "stallMs"> {
  readonly onChange: OnMain;
  readonly signal: AbortSignal;
  readonly wait?: typeof delay;
}

/**
 * Opens the main stream in the background. Throws a ConfigError for an address of another form.
 * @param address of a stream (`rtsp://…`, `http://…`), or a snapshot (`http://…`).
 */
export function openMainStream(address: string, options: MainStreamOptions): MainSource {
  return new MainStream(address, options);
}

class MainStream implements MainSource {
  readonly name: string;
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running: Promise<void>;
  readonly #held = new HeldPictures();
  readonly #copied: CopiedStream;
  /** What the address is, once that is known. */
  #source: CopiedStream | PolledPictures | undefined;
  #fault: Error = new FatalError("it has given no picture yet");

  constructor(private readonly address: string, private readonly options: MainStreamOptions) {
    this.name = safeAddress(address);
    this.#signal = either(options.signal, this.#stopped.signal);
    const input = streamInput(address, { ...options, size: undefined, rate: undefined });
    this.#copied = new CopiedStream({ input, held: this.#held });
    this.#running = this.#run();
  }

  at(arrivedMs: number) {
    return { hold: () => this.#source?.hold(arrivedMs) ?? missing(this.#fault) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Opens the source until it is known to be a snapshot address, or until the end. Never rejects. */
  async #run(): Promise<void> {
    const signal = this.#signal;
    const backoff = new Backoff({ firstMs: 500, maxMs: 15_000 });
    const { wait = delay, ffmpegOptions } = this.options;
    const ask = kindOf(this.address, { ffmpegOptions });
    while (!signal.aborted) {
      if (await ask({ signal }) === "picture") {
        this.#source = this.#polled();
        return this.#report();
      }
      if (signal.aborted) return;
      const fault = await this.#copy(signal).then(() => new FatalError(`"${this.name}" ended`), asError);
      if (await isInterrupted(signal, wait)) return;
      this.#report(fault);
      await wait(backoff.next(), { signal });
    }
  }

  #polled(): PolledPictures {
    return new PolledPictures({
      name: this.name,
      pictures: new HttpPictures(this.address, this.name),
      filters: filters({ rotate: this.options.rotate }),
      onChange: (fault) => this.#report(fault),
      signal: this.#signal,
      held: this.#held,
    });
  }

  async #copy(signal: AbortSignal): Promise<void> {
    let isReported = false;
    const run = new AbortController();
    try {
      await this.#copied.read({
        signal: either(signal, run.signal),
        onPacket: () => {
          if (isReported) return;
          isReported = true;
          this.#source = this.#copied;
          this.#report();
        },
      });
    } finally {
      run.abort();
    }
  }

  #report(fault?: Error): void {
    if (this.#signal.aborted) return;
    if (fault !== undefined) this.#fault = fault;
    this.options.onChange(fault);
  }
}

function asError(error: unknown): Error {
  return error instanceof FatalError || error instanceof ConfigError
    ? error
    : new FatalError(messageOf(error));
}

/** The picture of a source that has none. */
function missing(fault: Error): HeldPicture {
  return { decode: () => Promise.reject(fault), release() {} };
}
