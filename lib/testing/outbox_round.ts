/** A courier with its own outbox and a clock that is set by hand. For tests. */
import { identity } from "../face/face_file.ts";
import { Courier, type CourierOptions } from "../outbox/courier.ts";
import { Outbox } from "../outbox/outbox.ts";
import { settled } from "./settled.ts";

/** A running courier. The numbers of the faces that it sends are recorded. */
export class Round implements AsyncDisposable {
  readonly sent: number[] = [];
  readonly evicted: string[] = [];
  readonly courier: Courier;
  connected = true;
  /** The courier's clock. */
  nowMs = 1_000_000;
  /** Whether a face that is sent gets its receipt at once. */
  answers = (_face: number): boolean => false;
  /** Called when the courier has sent all that is due. Returns whether that let anything go on. */
  onSent = (): boolean => false;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #isAsleep = false;
  #asleep = Promise.withResolvers<void>();
  readonly #receiving = new Set<Promise<void>>();

  private constructor(readonly folder: string, readonly outbox: Outbox, options: Partial<CourierOptions>) {
    this.courier = new Courier(outbox, {
      send: async (bytes) => {
        const face = numberIn(bytes);
        this.sent.push(face);
        if (this.answers(face)) await this.receive(face);
      },
      connected: () => this.connected,
      onEvicted: (id, reason) => this.evicted.push(`${id.slice(0, 4)} ${reason}`),
      nowMs: () => this.nowMs,
      delay: (_, { signal } = {}) => this.#sleep(signal!),
      ...options,
    });
    this.#running = this.courier.run(this.#stop);
  }

  static async start(faces: number, options: Partial<CourierOptions> = {}): Promise<Round> {
    const folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/outbox`);
    // Without the flushes of an outbox, which take seconds for thousands of faces.
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

  /** Hands the courier the receipt of a face. */
  receive(face: number): Promise<void> {
    const receiving = this.courier.receive([{ id: idOf(face) }]).finally(() =>
      this.#receiving.delete(receiving)
    );
    this.#receiving.add(receiving);
    return receiving;
  }

  /** Lets the courier look for faces that are due. Returns the faces that were sent since the last call. */
  async look(): Promise<number[]> {
    this.courier.wake();
    await this.idle();
    return this.sent.splice(0);
  }

  /** Resolves when the courier sleeps and no receipt is under way. */
  async idle(): Promise<void> {
    for (;;) {
      await settled();
      await this.#asleep.promise;
      await settled();
      if (this.#receiving.size > 0) await Promise.all(this.#receiving);
      else if (this.#isAsleep && !this.onSent()) return;
    }
  }

  /** The courier's sleep: only `wake` ends it. */
  #sleep(signal: AbortSignal): Promise<void> {
    this.#isAsleep = true;
    this.#asleep.resolve();
    signal.addEventListener("abort", () => {
      this.#isAsleep = false;
      this.#asleep = Promise.withResolvers();
    });
    return new Promise(() => {});
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
