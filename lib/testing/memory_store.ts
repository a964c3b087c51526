/** A store in memory that records its calls. For tests. */
import type { ObjectInfo, PartOptions, Store, StoredObject } from "../store/store.ts";

export class MemoryStore implements Store {
  readonly name = "memory";
  readonly objects = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly calls: string[] = [];
  /** Called before each operation; may throw. */
  fault: (what: string, key: string) => void = () => {};

  async check(): Promise<void> {}

  async tryOut(): Promise<void> {
    this.#call("try out", "");
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    _info: ObjectInfo,
    { ifAbsent }: { ifAbsent?: boolean },
  ): Promise<boolean> {
    this.#call("put", key);
    if (ifAbsent && this.objects.has(key)) return false;
    this.objects.set(key, bytes);
    return true;
  }

  async size(key: string): Promise<number | undefined> {
    this.#call("size", key);
    return this.objects.get(key)?.length;
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#call("get", key);
    return this.objects.get(key);
  }

  async part(key: string, { at, bytes }: PartOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#call("part", key);
    const whole = this.objects.get(key);
    return at === "start" ? whole?.slice(0, bytes) : whole?.slice(Math.max(0, whole.length - bytes));
  }

  async *list(
    { prefix = "", after = "" }: { prefix?: string; after?: string },
  ): AsyncIterable<StoredObject> {
    this.#call("list", prefix);
    for (const key of [...this.objects.keys()].sort()) {
      if (key > after && key.startsWith(prefix)) {
        yield { key, bytes: this.objects.get(key)!.length, writtenMs: 0 };
      }
    }
  }

  fewNames(): Promise<string[]> {
    return Promise.resolve([]);
  }

  count(what: string): number {
    return this.calls.filter((call) => call === what).length;
  }

  #call(what: string, key: string): void {
    this.calls.push(what);
    this.fault(what, key);
  }
}
