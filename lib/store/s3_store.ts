/** A store in a bucket of S3 or of anything that speaks its protocol. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { Buffer } from "node:buffer";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { codeOf, explained, isDenied, type S3Place, statusOf, unconfirmed } from "./s3_answers.ts";
import { type ListedPage, type PageQuery, readableListing, S3Listing } from "./s3_listing.ts";
import { S3Writer } from "./s3_writer.ts";
import { MAX_OBJECT_BYTES, type ObjectInfo, type Store, type StoredObject, StoreError } from "./store.ts";

/** Where the bucket is. Credentials come from where AWS programs look for them. */
export interface S3Options extends S3Place {
  /** In front of every key; empty or ending in `/`. */
  readonly prefix: string;
  readonly region?: string;
  /** `http://server/bucket/key` instead of `http://bucket.server/key`. */
  readonly pathStyle: boolean;
  /** Told once of everything that the server turns out not to support. */
  readonly onMissing?: (what: string) => void;
}

/** Opens a bucket; nothing is asked of the server yet. */
export function openS3Store(options: S3Options): Store {
  return new S3Store(options);
}

/** Passes requests on to `fetch`, and looks at listings before the SDK does. */
class ListingHandler extends FetchHttpHandler {
  override async handle(...args: Parameters<FetchHttpHandler["handle"]>) {
    const answer = await super.handle(...args);
    const [{ method, query }] = args;
    const { response } = answer;
    if (method === "GET" && query?.["list-type"] === "2" && response.statusCode === 200) {
      response.body = new Response(await readableListing(response.body)).body;
    }
    return answer;
  }
}

/** Our own small object, which shows what a server can do. It is no picture: nobody shows it. */
const TRIAL_KEY = ".haarlem-trial";
const TRIAL: ObjectInfo = { contentType: "text/plain", metadata: {} };

class S3Store implements Store {
  readonly name: string;
  readonly #client: S3Client;
  readonly #writer: S3Writer;
  readonly #listing: S3Listing;
  /** Whether the server is known to heed If-None-Match: `unknown` until it has been tried out. */
  #heedsConditions: boolean | "unknown";
  #trial?: Promise<void>;
  /** Keys that are being written if they are absent: by one at a time, whatever the server can do. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(private readonly options: S3Options) {
    this.#listing = new S3Listing(options.prefix, (query, around) => this.#page(query, around));
    this.name = `s3://${options.bucket}/${options.prefix}`;
    this.#client = new S3Client({
      endpoint: options.endpoint,
      region: options.region ?? (options.endpoint ? regionOrAny : undefined),
      forcePathStyle: options.pathStyle,
      // The SDK's own node:http handler hangs on Deno 2.6; fetch does not, and an aborted fetch really ends. A redirect
      // is an answer to look at: followed, it would carry faces to wherever it points.
      requestHandler: new ListingHandler({ requestInit: () => ({ redirect: "manual" }) }),
      maxAttempts: 2,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    // AWS itself heeds conditions, and a trial would leave an object where deleting is not allowed.
    this.#heedsConditions = options.endpoint === undefined ? true : "unknown";
    this.#writer = new S3Writer(options, {
      put: (input, within) => this.#client.send(new PutObjectCommand(input), within),
      head: (key, within) => this.#head(key, within),
    });
  }

  async check({ signal, ifAbsent }: { signal: AbortSignal; ifAbsent?: boolean }): Promise<void> {
    const { bucket: Bucket, prefix: Prefix } = this.options;
    try {
      await this.#client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }), this.#within(signal));
    } catch (error) {
      // A policy that allows nothing but writing is a good policy.
      if (codeOf(error) !== "AccessDenied") throw explained(error, this.options);
    }
    if (ifAbsent) await this.#tryConditions(signal);
  }

  async tryOut({ signal }: { signal: AbortSignal }): Promise<void> {
    await this.#putTrial({ signal, ifAbsent: false });
    await this.#removeTrial(signal);
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    info: ObjectInfo,
    { signal, ifAbsent = false }: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean> {
    if (!ifAbsent) return await this.#writer.put(key, bytes, info, this.#within(signal));
    await this.#tryConditions(signal);
    return await this.#oneAtATime(key, async () => {
      const isKnown = this.#heedsConditions === true;
      if (!isKnown && await this.size(key, { signal }) !== undefined) return false;
      const written = await this.#writer.put(key, bytes, info, { ...this.#within(signal), ifAbsent });
      // The object was not there before: whoever refuses now does heed the condition.
      if (!written) this.#heedsConditions = true;
      else if (this.#writer.leavesOutConditions) this.#heedsConditions = false;
      return written;
    });
  }

  async size(key: string, { signal }: { signal: AbortSignal }): Promise<number | undefined> {
    try {
      const there = await this.#head(key, this.#within(signal));
      return there && (there.ContentLength ?? 0);
    } catch (error) {
      if (isDenied(error)) throw this.#mayNotRead();
      throw explained(error, this.options);
    }
  }

  async get(
    key: string,
    { signal, maxBytes = MAX_OBJECT_BYTES }: { signal: AbortSignal; maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const command = new GetObjectCommand({ Bucket: this.options.bucket, Key: this.options.prefix + key });
    try {
      const { Body } = await this.#client.send(command, this.#within(signal));
      return await readUpTo(maxBytes, Body!.transformToWebStream());
    } catch (error) {
      if (error instanceof RejectedMessageError) throw error;
      if (codeOf(error) === "NoSuchKey") return undefined;
      if (isDenied(error)) throw this.#mayNotRead();
      throw explained(error, this.options);
    }
  }

  list(options: { prefix?: string; after?: string; signal: AbortSignal }): AsyncIterable<StoredObject> {
    return this.#listing.list(options);
  }

  folders(options: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    return this.#listing.folders(options);
  }

  fewNames(options: { prefix?: string; signal: AbortSignal }): Promise<string[] | undefined> {
    return this.#listing.fewNames(options);
  }

  /** Asks for an object's info; nothing when it is not there. Throws what the SDK throws. */
  async #head(key: string, within: { abortSignal: AbortSignal }) {
    const command = new HeadObjectCommand({ Bucket: this.options.bucket, Key: this.options.prefix + key });
    try {
      const answer = await this.#client.send(command, within);
      if (answer.ETag === undefined) throw unconfirmed("without an ETag: not as S3 does", this.options);
      return answer;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  /** Finds out once whether the server heeds If-None-Match, as soon as it answers. */
  async #tryConditions(signal: AbortSignal): Promise<void> {
    if (this.#heedsConditions !== "unknown") return;
    this.#trial ??= this.#compareTwoPuts(signal).catch((error) => {
      const isAnswer = error instanceof StoreError && error.subject === "object";
      if (!isAnswer || error.status === 403) this.#trial = undefined;
      // Who may not put this may not put anything below the prefix, as far as can be told.
      if (isAnswer && error.status === 403) throw error;
      // Otherwise nothing is known, and every name is looked up before it is written.
    });
    await this.#trial;
  }

  async #compareTwoPuts(signal: AbortSignal): Promise<void> {
    const isFirst = await this.#putTrial({ signal, ifAbsent: true });
    const isSecond = isFirst && await this.#putTrial({ signal, ifAbsent: true });
    this.#heedsConditions = !isSecond;
    if (isSecond && !this.#writer.leavesOutConditions) {
      this.options.onMissing?.(
        "conditional writes (If-None-Match is ignored); each name is looked up first, which is safe with one saver only",
      );
    }
    await this.#removeTrial(signal);
  }

  #putTrial({ signal, ifAbsent }: { signal: AbortSignal; ifAbsent: boolean }): Promise<boolean> {
    const bytes = new TextEncoder().encode("Haarlem looks what this server can do. This may be deleted.\n");
    return this.#writer.put(TRIAL_KEY, bytes, TRIAL, { ...this.#within(signal), ifAbsent });
  }

  /** Where that is not allowed, it stays: it is small, and always the same. */
  async #removeTrial(signal: AbortSignal): Promise<void> {
    const { bucket, prefix } = this.options;
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: prefix + TRIAL_KEY });
    await this.#client.send(command, this.#within(signal)).catch(() => {});
  }

  async #oneAtATime<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writing.get(key) ?? Promise.resolve();
    const mine = before.catch(() => {}).then(work);
    this.#writing.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#writing.get(key) === mine) this.#writing.delete(key);
    }
  }

  async #page(query: PageQuery, { signal }: { signal: AbortSignal }): Promise<ListedPage> {
    const command = new ListObjectsV2Command({ Bucket: this.options.bucket, ...query });
    try {
      return await this.#client.send(command, this.#within(signal));
    } catch (error) {
      throw explained(error, this.options);
    }
  }

  #within(signal: AbortSignal): { abortSignal: AbortSignal } {
    return { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs)]) };
  }

  #mayNotRead(): ConfigError {
    return new ConfigError(
      `not allowed to read in "${this.options.bucket}", which a --key without {hash} needs`,
      "allow s3:GetObject in the policy, or use {hash} in --key",
    );
  }
}

/** The bytes of an object; throws a RejectedMessageError as soon as they are more than `maxBytes`. */
async function readUpTo(maxBytes: number, stream: ReadableStream): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) throw new RejectedMessageError(`an object of more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** What AWS_REGION or the profile says, else the region that servers other than AWS take for theirs. */
async function regionOrAny(): Promise<string> {
  try {
    return await new S3Client({}).config.region();
  } catch {
    return "us-east-1";
  }
}
