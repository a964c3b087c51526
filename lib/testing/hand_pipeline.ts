/** A detector and a camera in the hands of a test, for the frame pipeline. */
import assert from "node:assert/strict";
import type { FaceDetector } from "../detection/engine.ts";
import type { Box, Frame, GrayPlane } from "../image/frame.ts";

/** A frame of two pixels whose gray value is its number. */
export function frame(number: number): Frame {
  const y = Uint8Array.of(number, number);
  const chroma = Uint8Array.of(128);
  return {
    width: 2,
    height: 1,
    capturedMs: number,
    sourceTimeMs: number,
    pixels: { kind: "yuv420", y, u: chroma, v: chroma, fullRange: true },
  };
}

/** The box that HandDetector finds in the frame of this number. */
export const boxOf = (number: number): Box => ({ x: number, y: 0, width: 1, height: 1 });

/** A detector whose searches the test ends: the box of a frame encodes its number. */
export class HandDetector implements FaceDetector {
  /** The numbers of the frames that it got. */
  readonly got: number[] = [];
  readonly #answers = new Map<number, PromiseWithResolvers<Box[]>>();
  backlogReports = 0;

  constructor(public parallel: number) {}

  reportBacklog(): void {
    this.backlogReports++;
  }

  detect({ gray, width, height }: GrayPlane): Promise<Box[]> {
    assert.deepEqual([gray.length, width, height], [2, 2, 1]);
    this.got.push(gray[0]);
    const answer = Promise.withResolvers<Box[]>();
    this.#answers.set(gray[0], answer);
    return answer.promise;
  }

  answer(...numbers: number[]): void {
    for (const number of numbers) this.#answers.get(number)!.resolve([boxOf(number)]);
  }

  fail(number: number, error: Error): void {
    this.#answers.get(number)!.reject(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A camera whose frames the test gives. */
export class HandCamera {
  readonly #stream = new TransformStream<Frame, Frame>(undefined, undefined, { highWaterMark: 1_000 });
  readonly #writer = this.#stream.writable.getWriter();
  hasEnded = false;

  give(...numbers: number[]): void {
    for (const number of numbers) this.#writer.write(frame(number)).catch(() => {});
  }

  end(error?: Error): void {
    (error ? this.#writer.abort(error) : this.#writer.close()).catch(() => {});
  }

  async *frames(): AsyncGenerator<Frame> {
    try {
      for await (const frame of this.#stream.readable) yield frame;
    } finally {
      this.hasEnded = true;
    }
  }
}
