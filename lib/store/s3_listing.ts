/**
 * Listings of a bucket (ListObjectsV2), checked against the guarantees of the API. Some S3 servers sort in another order,
 * repeat a page, leave fields out, or list objects outside of the prefix.
 */
import type { StoredObject } from "./store.ts";

/** Maximum size of a page: a thousand keys of at most 1 KiB each, and their XML. */
const MAX_ANSWER_BYTES = 8 * 2 ** 20;
/** Maximum number of pages in a row without an entry, and of all pages; beyond them the server repeats itself. */
const MAX_EMPTY_PAGES = 20;
const MAX_PAGES = 10_000;
/** Maximum number of objects on a server that sorts in another order: they are read as a whole and sorted here. */
const MAX_UNSORTED = 100_000;

/** The parameters of one page. */
export interface PageQuery {
  readonly Prefix: string;
  readonly Delimiter?: string;
  readonly StartAfter?: string;
  readonly ContinuationToken?: string;
}

/** A page as the server sends it: every field may be missing or wrong. */
export interface ListedPage {
  readonly Contents?: readonly {
    readonly Key?: string;
    readonly Size?: number | null;
    readonly LastModified?: Date;
  }[];
  readonly CommonPrefixes?: readonly { readonly Prefix?: string }[];
  readonly IsTruncated?: boolean;
  readonly NextContinuationToken?: string;
}

/** Requests one page. */
export type RequestPage = (query: PageQuery, options: { signal: AbortSignal }) => Promise<ListedPage>;

/** Lists a bucket below `base`, which is empty or ends in `/`. */
export class S3Listing {
  /** Whether this server has sent keys in another order. */
  #isUnsorted = false;

  constructor(private readonly base: string, private readonly request: RequestPage) {}

  /** Objects whose key begins with `prefix` and sorts after `after`, ascending. */
  async *list(
    { prefix = "", after = "", signal }: { prefix?: string; after?: string; signal: AbortSignal },
  ): AsyncIterable<StoredObject> {
    if (this.#isUnsorted) return yield* await this.#sorted({ prefix, after, signal });
    const Prefix = this.base + prefix;
    let last = after;
    for await (
      const page of this.#pages({ Prefix, StartAfter: after ? this.base + after : undefined }, signal)
    ) {
      const objects = this.#objects(page, { prefix, after }).sort(byKey);
      if (last > after && objects.length > 0 && !isBefore(last, objects[0].key)) {
        // The objects yielded so far have gaps. The next listing of this server is read as a whole first.
        this.#isUnsorted = true;
        throw new Error("the server does not list its objects in the order of their keys");
      }
      yield* objects;
      last = objects.at(-1)?.key ?? last;
    }
  }

  /** The sorted listing of a server that sorts in another order. */
  async #sorted(
    { prefix, after, signal }: { prefix: string; after: string; signal: AbortSignal },
  ): Promise<StoredObject[]> {
    const objects = new Map<string, StoredObject>();
    for await (const page of this.#pages({ Prefix: this.base + prefix }, signal)) {
      for (const object of this.#objects(page, { prefix, after })) objects.set(object.key, object);
      if (objects.size > MAX_UNSORTED) {
        throw new Error(`the server does not sort its listing, and it has more than ${MAX_UNSORTED} objects`);
      }
    }
    return [...objects.values()].sort(byKey);
  }

  /** Folders and objects directly below `prefix`, from one page; nothing when there are more pages. See `Store`. */
  async fewNames(
    { prefix = "", delimiter = "/", signal }: { prefix?: string; delimiter?: string; signal: AbortSignal },
  ): Promise<string[] | undefined> {
    const page = await this.request({ Prefix: this.base + prefix, Delimiter: delimiter }, { signal });
    return page.IsTruncated ? undefined : [...new Set(this.#namesOf(page, prefix, delimiter))].sort();
  }

  async *#pages(query: PageQuery, signal: AbortSignal): AsyncGenerator<ListedPage> {
    let empty = 0;
    const seen = new Set<string>();
    let [ContinuationToken, StartAfter]: (string | undefined)[] = [undefined, query.StartAfter];
    for (;;) {
      const page = await this.request({ ...query, StartAfter, ContinuationToken }, { signal });
      yield page;
      if (!page.IsTruncated) return;
      const token = page.NextContinuationToken;
      const names = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      ].filter((name) => name?.startsWith(query.Prefix));
      empty = names.length === 0 ? empty + 1 : 0;
      const next = token ?? names.sort().at(-1);
      if (next === undefined || seen.has(next) || empty > MAX_EMPTY_PAGES || seen.size > MAX_PAGES) {
        throw new Error("the server announces more objects and does not list them");
      }
      seen.add(next);
      // Without a token the next page starts after the last name.
      [ContinuationToken, StartAfter] = token ? [token, query.StartAfter] : [undefined, next];
    }
  }

  /** The objects of a page that belong to the listing. */
  #objects(
    { Contents = [] }: ListedPage,
    { prefix, after }: { prefix: string; after: string },
  ): StoredObject[] {
    return Contents.flatMap(({ Key, Size, LastModified }) => {
      if (!Key?.startsWith(this.base + prefix)) return [];
      const key = Key.slice(this.base.length);
      if (key === "" || !isBefore(after, key)) return [];
      const bytes = Number.isSafeInteger(Size) && Size! >= 0 ? Size! : NaN;
      const writtenMs = LastModified?.getTime() ?? NaN;
      return [{ key, bytes, writtenMs: Number.isFinite(writtenMs) ? writtenMs : 0 }];
    });
  }

  /** Names directly below a prefix. A server that ignores the delimiter sends every key. */
  #namesOf(
    { Contents = [], CommonPrefixes = [] }: ListedPage,
    prefix: string,
    delimiter: string,
  ): string[] {
    const names = [...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key)];
    return names.flatMap((name) => {
      if (!name?.startsWith(this.base + prefix)) return [];
      const below = name.slice(this.base.length + prefix.length);
      return below === "" ? [] : [prefix + below.slice(0, below.indexOf(delimiter) + 1 || undefined)];
    });
  }
}

function byKey(a: StoredObject, b: StoredObject): number {
  return isBefore(a.key, b.key) ? -1 : 1;
}

/** Whether `a` sorts before `b` in S3's order: by the bytes of UTF-8, which is by code points. */
function isBefore(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  if (at === b.length || at === a.length) return at < b.length;
  return rank(a.charCodeAt(at)) < rank(b.charCodeAt(at));
}

/** UTF-16 units in the order of code points: surrogates come last. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * The text of a listing, made readable for the SDK: an answer that is not a listing is an error, not an empty listing, and
 * a malformed date is removed, since the SDK would reject the whole page for it.
 */
export async function readableListing(body: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  let bytes = 0;
  const decoder = new TextDecoder();
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`a listing of more than ${MAX_ANSWER_BYTES} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  if (!/<(?:\w+:)?ListBucketResult[\s>/]/.test(text)) throw new Error("the server's answer is not a listing");
  return text.replace(
    /<LastModified(?:\s*\/>|>([^<]*)<\/LastModified>)/g,
    (whole, date = "") => isDate(date) ? whole : "",
  );
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text));
}
