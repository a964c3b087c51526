/** A courier at work on an outbox of its own, for tests. */
import { identity } from "../face/face_file.ts";
import { delay } from "../async/delay.ts";
import { Courier, type CourierOptions } from "../outbox/courier.ts";
import { Outbox } from "../outbox/outbox.ts";

/** The courier's clock, set by hand while it is in use. */
export class Clock implements Disposable {
  readonly #real = performance.now;
  nowMs = 1_000_000;

  constructor() {
    performance.now = () => this.nowMs;
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}

/** A courier that runs on an outbox of its own; what it sends is written down by number. */
export class Round implements AsyncDisposable {
  readonly sent: number[] = [];
  readonly refused: string[] = [];
  readonly courier: Courier;
  connected = true;
  /** Whether what is sent gets its receipt at once. */
  answers = (_face: number): boolean => false;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  private constructor(readonly folder: string, readonly outbox: Outbox, options: Partial<CourierOptions>) {
    this.courier = new Courier(outbox, {
      send: async (bytes) => {
        const face = numberIn(bytes);
        this.sent.push(face);
        if (this.answers(face)) await this.courier.receive([{ id: identity(bytes) }]);
      },
      connected: () => this.connected,
      onRefused: (id, reason) => this.refused.push(`${id.slice(0, 4)} ${reason}`),
      ...options,
    });
    this.#running = this.courier.run(this.#stop);
  }

  static async start(faces: number, options: Partial<CourierOptions> = {}): Promise<Round> {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/outbox`);
    // Written by hand, since thousands of flushes would take their time.
    for (let face = 1; face <= faces; face++) Deno.writeFileSync(pathOf(folder, face), bytesOf(face));
    const outbox = await Outbox.open(folder, { maxFaces: 1_000_000, maxBytes: 1_000_000_000 });
    return new Round(folder, outbox, options);
  }

  /** Adds the next face. */
  async add(options?: { provisional: boolean }): Promise<number> {
    const face = this.outbox.nextSequence();
    await this.outbox.add(idOf(face), face, bytesOf(face), options);
    this.courier.wake();
    return face;
  }

  /** Lets the courier look for faces that are due, and returns all that were sent since the last time. */
  async look(): Promise<number[]> {
    this.courier.wake();
    // Receipts let it send more; on a busy machine that takes its time.
    for (let before = -1; before !== this.sent.length;) {
      before = this.sent.length;
      await delay(30);
    }
    return this.sent.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.outbox[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

export function bytesOf(face: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, face);
  return bytes;
}

export const numberIn = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(0);
export const idOf = (face: number) => identity(bytesOf(face));
export const pathOf = (folder: string, face: number) =>
  `${folder}/outbox/${String(face).padStart(12, "0")}-${idOf(face)}`;
export const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
