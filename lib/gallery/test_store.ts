/** A store in memory that counts what S3 would be asked. For tests. */
import type { ListedObject, PictureStore } from "./picture_store.ts";

const LISTED_PER_REQUEST = 1000;

/** Keys and when they were written; every picture is the same. */
export class TestStore implements PictureStore {
  readonly name = "a test";
  readonly objects = new Map<string, number>();
  /** Listings, as S3 counts them: a thousand keys each. */
  requests = 0;
  /** Thrown instead of an answer. */
  trouble?: Error;
  picture: Uint8Array<ArrayBuffer> = new Uint8Array();

  constructor(keys: Iterable<string> = []) {
    for (const key of keys) this.objects.set(key, 0);
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.trouble) throw this.trouble;
    return this.objects.has(key) ? this.picture : undefined;
  }

  async *list({ prefix = "", after = "" }: { prefix?: string; after?: string }): AsyncIterable<ListedObject> {
    if (this.trouble) throw this.trouble;
    this.requests++;
    const keys = this.#keys(prefix).filter((key) => key > after);
    for (const [index, key] of keys.entries()) {
      if (index > 0 && index % LISTED_PER_REQUEST === 0) this.requests++;
      yield { key, bytes: 1, writtenMs: this.objects.get(key)! };
    }
  }

  async folders({ prefix = "" }: { prefix?: string }): Promise<string[]> {
    if (this.trouble) throw this.trouble;
    this.requests++;
    const end = (key: string) => key.indexOf("/", prefix.length) + 1;
    return [...new Set(this.#keys(prefix).filter(end).map((key) => key.slice(0, end(key))))];
  }

  #sorted: string[] = [];

  #keys(prefix: string): string[] {
    if (this.#sorted.length !== this.objects.size) this.#sorted = [...this.objects.keys()].sort();
    return this.#sorted.filter((key) => key.startsWith(prefix));
  }
}

/** A key as the saver makes it. */
export function keyOfFace(time: string | number, camera = "door", hash = "0123456789ab"): string {
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)}/${iso.slice(11, 23).replace(/[:.]/g, "-")}_${camera}_${hash}.png`;
}
