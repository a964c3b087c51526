/** A store in memory that writes down what it was asked. For tests. */
import type { ObjectInfo, Store, StoredObject } from "../store/store.ts";

export class MemoryStore implements Store {
  readonly name = "memory";
  readonly objects = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly asked: string[] = [];
  /** Throws, or does not, before something is done. */
  fault: (what: string, key: string) => void = () => {};

  async check(): Promise<void> {}

  async tryOut(): Promise<void> {
    this.#ask("try out", "");
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    _facts: ObjectInfo,
    { ifAbsent }: { ifAbsent?: boolean },
  ): Promise<boolean> {
    this.#ask("put", key);
    if (ifAbsent && this.objects.has(key)) return false;
    this.objects.set(key, bytes);
    return true;
  }

  async size(key: string): Promise<number | undefined> {
    this.#ask("size", key);
    return this.objects.get(key)?.length;
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#ask("get", key);
    return this.objects.get(key);
  }

  async *list({ prefix = "" }: { prefix?: string }): AsyncIterable<StoredObject> {
    this.#ask("list", prefix);
    for (const key of [...this.objects.keys()].sort()) {
      if (key.startsWith(prefix)) yield { key, bytes: this.objects.get(key)!.length, writtenMs: 0 };
    }
  }

  folders(): Promise<string[]> {
    return Promise.resolve([]);
  }

  fewNames(): Promise<string[]> {
    return this.folders();
  }

  count(what: string): number {
    return this.asked.filter((asked) => asked === what).length;
  }

  #ask(what: string, key: string): void {
    this.asked.push(what);
    this.fault(what, key);
  }
}
