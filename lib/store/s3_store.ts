/** A store in a bucket of S3 or of a server with S3's protocol. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Buffer } from "node:buffer";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { codeOf, explained, isDenied, type S3Place, statusOf, unconfirmed } from "./s3_errors.ts";
import { ListingHandler } from "./s3_handler.ts";
import { type ListedPage, type PageQuery, S3Listing } from "./s3_listing.ts";
import { S3Writer } from "./s3_writer.ts";
import {
  type ListOptions,
  MAX_OBJECT_BYTES,
  type ObjectInfo,
  type PartOptions,
  type Store,
  type StoredObject,
  StoreError,
  TRIAL,
} from "./store.ts";

/** The bucket and how to reach it. Credentials come from the sources of the AWS SDK. */
export interface S3Options extends S3Place {
  /** The prefix of every key; empty or ending in `/`. */
  readonly prefix: string;
  readonly region?: string;
  /** `http://server/bucket/key` instead of `http://bucket.server/key`. */
  readonly pathStyle: boolean;
  /** Gives the store its `delete`. */
  readonly mayDelete?: boolean;
  /** Called once for each feature that the server does not support. */
  readonly onUnsupported?: (what: string) => void;
}

/** Opens a bucket, without a request yet. */
export function openS3Store(options: S3Options): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly name: string;
  readonly delete?: Store["delete"];
  readonly #client: S3Client;
  readonly #writer: S3Writer;
  readonly #listing: S3Listing;
  /** Whether the server supports If-None-Match: `unknown` until it was tested. */
  #supportsConditions: boolean | "unknown";
  #trial?: Promise<void>;
  /** Conditional puts under way: one at a time for each key, whatever the server supports. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(private readonly options: S3Options) {
    this.#listing = new S3Listing(options.prefix, (query, around) => this.#page(query, around));
    this.name = `s3://${options.bucket}/${options.prefix}`;
    if (options.mayDelete) this.delete = (key, { signal }) => this.#delete(key, this.#within(signal));
    // The SDK asks a function before each request, which took three quarters of the time of one.
    let found: Promise<string> | undefined;
    this.#client = new S3Client({
      endpoint: options.endpoint,
      region: options.region ?? (options.endpoint ? () => found ??= regionOrAny() : undefined),
      forcePathStyle: options.pathStyle,
      // The SDK's own node:http handler hangs on Deno 2.6; fetch does not, and an aborted fetch ends. Redirects are not
      // followed: they would send faces to another server.
      requestHandler: new ListingHandler({ requestInit: () => ({ redirect: "manual" }) }),
      maxAttempts: 2,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
    // AWS supports conditions, and a trial would leave an object where deleting is not allowed.
    this.#supportsConditions = options.endpoint === undefined ? true : "unknown";
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
      // A policy that allows only writing is fine.
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
      const isKnown = this.#supportsConditions === true;
      if (!isKnown && await this.size(key, { signal }) !== undefined) return false;
      const written = await this.#writer.put(key, bytes, info, { ...this.#within(signal), ifAbsent });
      // The object did not exist: a server that rejects the put now supports the condition.
      if (!written) this.#supportsConditions = true;
      else if (this.#writer.omitsConditions) this.#supportsConditions = false;
      return written;
    });
  }

  async size(key: string, { signal }: { signal: AbortSignal }): Promise<number | undefined> {
    try {
      const found = await this.#head(key, this.#within(signal));
      return found && (found.ContentLength ?? 0);
    } catch (error) {
      if (isDenied(error)) throw this.#mayNotRead();
      throw explained(error, this.options);
    }
  }

  async get(
    key: string,
    { signal, maxBytes = MAX_OBJECT_BYTES }: { signal: AbortSignal; maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#read(key, undefined, signal, ({ stream }) => readUpTo(maxBytes, stream));
  }

  part(key: string, { at, bytes, signal }: PartOptions): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const range = at === "start" ? `bytes=0-${bytes - 1}` : `bytes=-${bytes}`;
    return this.#read(key, range, signal, async ({ stream, isWhole }) => {
      if (at === "start") return await readStart(bytes, stream);
      // A server that ignores the range sends the whole object.
      const read = await readUpTo(isWhole ? MAX_OBJECT_BYTES : bytes, stream);
      return read.slice(Math.max(0, read.length - bytes));
    });
  }

  /** Requests an object or a range of it; nothing when there is no object. */
  async #read(
    key: string,
    range: string | undefined,
    signal: AbortSignal,
    read: (body: { stream: ReadableStream; isWhole: boolean }) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { bucket, prefix } = this.options;
    const command = new GetObjectCommand({ Bucket: bucket, Key: prefix + key, Range: range });
    try {
      const { Body, ContentRange } = await this.#client.send(command, this.#within(signal));
      return await read({ stream: Body!.transformToWebStream(), isWhole: ContentRange === undefined });
    } catch (error) {
      if (error instanceof RejectedMessageError) throw error;
      if (codeOf(error) === "NoSuchKey") return undefined;
      if (range !== undefined && statusOf(error) === 416) return new Uint8Array(0); // An empty object has no first byte.
      if (isDenied(error)) throw this.#mayNotRead();
      throw explained(error, this.options);
    }
  }

  list(options: ListOptions): AsyncIterable<StoredObject> {
    return this.#listing.list(options);
  }

  fewNames(
    options: { prefix?: string; delimiter?: string; signal: AbortSignal },
  ): Promise<string[] | undefined> {
    return this.#listing.fewNames(options);
  }

  /** Requests an object's headers; nothing when there is no object. Throws what the SDK throws. */
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

  async #delete(key: string, within: { abortSignal: AbortSignal }): Promise<void> {
    const { bucket, prefix } = this.options;
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }), within);
    } catch (error) {
      if (codeOf(error) === "NoSuchKey") return; // S3 itself confirms the deletion of a missing object.
      if (isDenied(error)) throw new StoreError(`not allowed to delete in "${bucket}"`, "store", "403", 403);
      throw explained(error, this.options);
    }
  }

  /** Finds out once whether the server supports If-None-Match. */
  async #tryConditions(signal: AbortSignal): Promise<void> {
    if (this.#supportsConditions !== "unknown") return;
    this.#trial ??= this.#compareTwoPuts(signal).catch((error) => {
      const isAnswer = error instanceof StoreError && error.subject === "object";
      if (!isAnswer || error.status === 403) this.#trial = undefined;
      // Where this put is denied, every put below the prefix is probably denied.
      if (isAnswer && error.status === 403) throw error;
      // Otherwise support stays unknown, and every key is looked up before it is written.
    });
    await this.#trial;
  }

  async #compareTwoPuts(signal: AbortSignal): Promise<void> {
    const isFirst = await this.#putTrial({ signal, ifAbsent: true });
    const isSecond = isFirst && await this.#putTrial({ signal, ifAbsent: true });
    this.#supportsConditions = !isSecond;
    if (isSecond && !this.#writer.omitsConditions) {
      this.options.onUnsupported?.(
        "conditional writes (If-None-Match is ignored); each key is looked up first, which is safe with one saver only",
      );
    }
    await this.#removeTrial(signal);
  }

  #putTrial({ signal, ifAbsent }: { signal: AbortSignal; ifAbsent: boolean }): Promise<boolean> {
    return this.#writer.put(TRIAL.key, TRIAL.bytes, TRIAL.info, { ...this.#within(signal), ifAbsent });
  }

  /** Removes the trial. Where deleting is not allowed it stays: it is small, and always the same. */
  async #removeTrial(signal: AbortSignal): Promise<void> {
    const { bucket, prefix } = this.options;
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: prefix + TRIAL.key });
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
      `not allowed to read in "${this.options.bucket}", as a --key without {hash} requires`,
      "allow s3:GetObject in the policy, or use {hash} in --key",
    );
  }
}

/** The bytes of an object. Throws a RejectedMessageError as soon as they are more than `maxBytes`. */
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

/** The first bytes of an object. The rest, which a server sends that ignores ranges, is not read. */
async function readStart(bytes: number, stream: ReadableStream): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part);
    if ((length += part.length) >= bytes) break;
  }
  return new Uint8Array(Buffer.concat(parts).subarray(0, bytes));
}

/** The region of AWS_REGION or the profile, else the one that other servers than AWS accept. */
async function regionOrAny(): Promise<string> {
  try {
    return await new S3Client({}).config.region();
  } catch {
    return "us-east-1";
  }
}
