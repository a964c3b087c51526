/** Encodes frames as JPEG in a thread that lives only while it is needed. */
import { asset } from "../assets.ts";
import type { Frame } from "../image/frame.ts";
import type { PictureTask } from "./picture_thread.ts";

/** Wider frames are divided by 2, 3 or more. */
const MAX_WIDTH = 960;
const QUALITY = 70;

/** Encodes one frame after another. */
export class PictureEncoder implements Disposable {
  #worker?: Worker;
  readonly #pending: PromiseWithResolvers<Uint8Array<ArrayBuffer>>[] = [];

  /** The frame as a JPEG. Its memory must not change before the promise settles. */
  encode({ width, height, pixels, capturedMs, sourceTimeMs }: Frame): Promise<Uint8Array<ArrayBuffer>> {
    const pending = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
    this.#pending.push(pending);
    const frame = { width, height, pixels, capturedMs, sourceTimeMs };
    this.#thread().postMessage({ frame, maxWidth: MAX_WIDTH, quality: QUALITY } satisfies PictureTask);
    return pending.promise;
  }

  /** Ends the thread; the next frame starts another one. */
  end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#pending.splice(0)) reject(new Error("the picture thread was ended"));
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(asset("lib/preview/picture_thread.ts"), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) =>
      this.#pending.shift()?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.end();
    };
    return this.#worker = worker;
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

/** A copy of a frame in shared memory: threads read it without another copy, after the frame itself was released. */
export function sharedCopy({ width, height, pixels, capturedMs, sourceTimeMs }: Frame): Frame {
  const copy = (bytes: Uint8Array) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  };
  const copied = pixels.kind === "rgb24"
    ? { ...pixels, rgb: copy(pixels.rgb) }
    : { ...pixels, y: copy(pixels.y), u: copy(pixels.u), v: copy(pixels.v) };
  return { width, height, pixels: copied, capturedMs, sourceTimeMs };
}
