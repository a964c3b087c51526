/**
 * Listings of a bucket (ListObjectsV2), trusted only as far as they keep the API's promises. Many servers speak S3, and
 * some sort otherwise, repeat a page, leave out what they should say or answer for more than they were asked.
 */
import type { StoredObject } from "./store.ts";

/** One answer of ours holds a thousand entries of at most 1 KiB each and what XML adds to them. */
const MAX_ANSWER_BYTES = 8 * 2 ** 20;
/** A server that says so often that there is more, and gives nothing, never comes to an end. */
const MAX_EMPTY_PAGES = 20;
const MAX_PAGES = 10_000;
/** Objects of a server that sorts otherwise: they are read as a whole and sorted here. */
const MAX_UNSORTED = 100_000;

/** What is asked for one page. */
export interface PageQuery {
  readonly Prefix: string;
  readonly Delimiter?: string;
  readonly StartAfter?: string;
  readonly ContinuationToken?: string;
}

/** A page as the server gives it; nothing in it need be there, or right. */
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

/** Asks the server for one page. */
export type AskPage = (query: PageQuery, options: { signal: AbortSignal }) => Promise<ListedPage>;

/** Lists a bucket below `base`, which is empty or ends in `/`. */
export class S3Listing {
  /** Whether this server was found to sort otherwise than by key. */
  #isUnsorted = false;

  constructor(private readonly base: string, private readonly ask: AskPage) {}

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
        // What was given so far has gaps. The next listing of this server is read as a whole first.
        this.#isUnsorted = true;
        throw new Error("the server does not list its objects in the order of their keys");
      }
      yield* objects;
      last = objects.at(-1)?.key ?? last;
    }
  }

  /** The listing of a server that sorts otherwise. */
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

  /** The "folders" directly below `prefix`, each with its trailing `/`, ascending. */
  async folders({ prefix = "", signal }: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    const folders = new Set<string>();
    for await (const page of this.#pages({ Prefix: this.base + prefix, Delimiter: "/" }, signal)) {
      for (const name of this.#namesOf(page, prefix)) if (name.endsWith("/")) folders.add(name);
    }
    return [...folders].sort();
  }

  /** Folders and objects directly below `prefix`, from one page, or nothing when there are more. */
  async fewNames(
    { prefix = "", signal }: { prefix?: string; signal: AbortSignal },
  ): Promise<string[] | undefined> {
    const page = await this.ask({ Prefix: this.base + prefix, Delimiter: "/" }, { signal });
    return page.IsTruncated ? undefined : [...new Set(this.#namesOf(page, prefix))].sort();
  }

  async *#pages(query: PageQuery, signal: AbortSignal): AsyncGenerator<ListedPage> {
    let empty = 0;
    const asked = new Set<string>();
    let [ContinuationToken, StartAfter]: (string | undefined)[] = [undefined, query.StartAfter];
    for (;;) {
      const page = await this.ask({ ...query, StartAfter, ContinuationToken }, { signal });
      yield page;
      if (!page.IsTruncated) return;
      const token = page.NextContinuationToken;
      const names = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      ].filter((name) => name?.startsWith(query.Prefix));
      empty = names.length === 0 ? empty + 1 : 0;
      const next = token ?? names.sort().at(-1);
      if (next === undefined || asked.has(next) || empty > MAX_EMPTY_PAGES || asked.size > MAX_PAGES) {
        throw new Error("the server says that there are more objects and does not list them");
      }
      asked.add(next);
      // Without a token it goes on behind the last name, where the same would begin.
      [ContinuationToken, StartAfter] = token ? [token, query.StartAfter] : [undefined, next];
    }
  }

  /** The objects of a page that are what was asked for. */
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

  /** A server that ignores the delimiter gives every key instead. */
  #namesOf({ Contents = [], CommonPrefixes = [] }: ListedPage, prefix: string): string[] {
    const names = [...CommonPrefixes.map(({ Prefix }) => Prefix), ...Contents.map(({ Key }) => Key)];
    return names.flatMap((name) => {
      if (!name?.startsWith(this.base + prefix)) return [];
      const below = name.slice(this.base.length + prefix.length);
      return below === "" ? [] : [prefix + below.slice(0, below.indexOf("/") + 1 || undefined)];
    });
  }
}

function byKey(a: StoredObject, b: StoredObject): number {
  return isBefore(a.key, b.key) ? -1 : 1;
}

/** Whether `a` sorts before `b` as S3 sorts: by the bytes of UTF-8, which is by code points. */
function isBefore(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  if (at === b.length || at === a.length) return at < b.length;
  return rank(a.charCodeAt(at)) < rank(b.charCodeAt(at));
}

/** UTF-16 units in the order of the characters that they are part of: halves of pairs come last. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * The text of a listing as the SDK can read it: an answer that is no listing is an error, not an empty one, and a date
 * that is none is left out, for which the SDK would refuse the whole page.
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
  if (!/<(?:\w+:)?ListBucketResult[\s>/]/.test(text)) throw new Error("the server's answer is no listing");
  return text.replace(
    /<LastModified(?:\s*\/>|>([^<]*)<\/LastModified>)/g,
    (whole, date = "") => isDate(date) ? whole : "",
  );
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text));
}
