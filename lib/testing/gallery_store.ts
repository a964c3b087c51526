/** A store in memory that counts the requests that S3 would get. For tests. */
import { keyAt } from "../gallery/shown_face.ts";
import type { ListedObject, PictureStore } from "../gallery/picture_store.ts";

const LISTED_PER_REQUEST = 1000;

/** Keys with the times of their upload. */
export class TestStore implements PictureStore {
  readonly name = "a test";
  readonly objects = new Map<string, number>();
  /** Number of listing requests, with 1,000 keys each. */
  requests = 0;
  /** Thrown by each request. */
  failure?: Error;
  /** Awaited before each response of a listing after the first one. */
  nextResponse: () => Promise<void> = () => Promise.resolve();
  /** The bytes of every object that has none in `pictures`. */
  picture: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly pictures = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Number of reads of the first or last bytes. */
  parts = 0;

  constructor(keys: Iterable<string> = []) {
    for (const key of keys) this.objects.set(key, 0);
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.failure) throw this.failure;
    return this.objects.has(key) ? this.pictures.get(key) ?? this.picture : undefined;
  }

  async part(
    key: string,
    { at, bytes }: { at: "start" | "end"; bytes: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.parts++;
    const whole = await this.get(key);
    return at === "start" ? whole?.slice(0, bytes) : whole?.slice(Math.max(0, whole.length - bytes));
  }

  async size(key: string): Promise<number | undefined> {
    if (this.failure) throw this.failure;
    return this.objects.has(key) ? this.picture.length : undefined;
  }

  async delete(key: string): Promise<void> {
    if (this.failure) throw this.failure;
    this.objects.delete(key);
  }

  async *list({ prefix = "", after = "" }: { prefix?: string; after?: string }): AsyncIterable<ListedObject> {
    if (this.failure) throw this.failure;
    this.requests++;
    let index = -1;
    for (const key of this.#keys(prefix, after)) {
      index++;
      if (index > 0 && index % LISTED_PER_REQUEST === 0) {
        this.requests++;
        await this.nextResponse();
      }
      yield { key, bytes: 1, writtenMs: this.objects.get(key)! };
    }
  }

  /** Whether `fewNames` supports other delimiters than `/`. */
  supportsDelimiters = true;

  async fewNames(
    { prefix = "", delimiter = "/" }: { prefix?: string; delimiter?: string },
  ): Promise<string[] | undefined> {
    if (this.failure) throw this.failure;
    this.requests++;
    if (delimiter !== "/" && !this.supportsDelimiters) throw new Error("501 NotImplemented");
    const end = (key: string) => key.indexOf(delimiter, prefix.length) + 1;
    const entries = new Set(Array.from(this.#keys(prefix), (key) => end(key) ? key.slice(0, end(key)) : key));
    return entries.size > LISTED_PER_REQUEST ? undefined : [...entries];
  }

  #sorted: string[] = [];

  /** The keys that begin with `prefix` and sort after `after`. */
  *#keys(prefix: string, after = ""): Generator<string> {
    if (this.#sorted.length !== this.objects.size) this.#sorted = [...this.objects.keys()].sort();
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#sorted[middle] > after && this.#sorted[middle] >= prefix) to = middle;
      else from = middle + 1;
    }
    while (this.#sorted[from]?.startsWith(prefix)) yield this.#sorted[from++];
  }
}

/** A default key of the saver. */
export function keyOfFace(ms: number, camera = "door", hash = "0123456789ab"): string {
  return `${keyAt(ms)}_${camera}_${hash}.png`;
}
