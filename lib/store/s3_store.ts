/** A store in a bucket of S3 or of anything that speaks its protocol. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { Failure, messageOf, Refusal, UsageError } from "../errors.ts";
import { safeAddress } from "../safe_address.ts";
import { networkReason } from "./s3_network.ts";
import type { ObjectFacts, Store, StoredObject } from "./store.ts";

/** Where the bucket is. Credentials come from where AWS programs look for them. */
export interface S3Options {
  readonly bucket: string;
  /** In front of every key; empty or ending in `/`. */
  readonly prefix: string;
  /** Another server than AWS. */
  readonly endpoint?: string;
  readonly region?: string;
  /** `http://server/bucket/key` instead of `http://bucket.server/key`. */
  readonly pathStyle: boolean;
  /** An operation that takes longer is aborted. */
  readonly timeoutMs: number;
}

/** Opens a bucket; nothing is asked of the server yet. */
export function openS3Store(options: S3Options): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly name: string;
  readonly #client: S3Client;

  constructor(private readonly options: S3Options) {
    this.name = `s3://${options.bucket}/${options.prefix}`;
    this.#client = new S3Client({
      endpoint: options.endpoint,
      region: options.region ?? (options.endpoint ? regionOrAny : undefined),
      forcePathStyle: options.pathStyle,
      // The SDK's own node:http handler hangs on Deno 2.6; fetch does not, and an aborted fetch really ends.
      requestHandler: new FetchHttpHandler(),
      maxAttempts: 2,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  async check({ signal }: { signal: AbortSignal }): Promise<void> {
    const { bucket: Bucket, prefix: Prefix } = this.options;
    try {
      await this.#client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }), this.#within(signal));
    } catch (error) {
      // A policy that allows nothing but writing is a good policy.
      if (nameOf(error) === "AccessDenied") return;
      throw this.#explained(error);
    }
  }

  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    { contentType, metadata }: ObjectFacts,
    { signal, ifAbsent = false }: { signal: AbortSignal; ifAbsent?: boolean },
  ): Promise<boolean> {
    const command = new PutObjectCommand({
      Bucket: this.options.bucket,
      Key: this.options.prefix + key,
      Body: bytes,
      ContentLength: bytes.length,
      ContentType: contentType,
      Metadata: { ...metadata },
      // The server compares what it got with this and refuses what was damaged on the way.
      ChecksumSHA256: createHash("sha256").update(bytes).digest("base64"),
      ...(ifAbsent && { IfNoneMatch: "*" }),
    });
    try {
      await this.#client.send(command, this.#within(signal));
      return true;
    } catch (error) {
      if (ifAbsent && nameOf(error) === "PreconditionFailed") return false;
      throw this.#explained(error);
    }
  }

  async get(key: string, { signal }: { signal: AbortSignal }): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const command = new GetObjectCommand({ Bucket: this.options.bucket, Key: this.options.prefix + key });
    try {
      const { Body } = await this.#client.send(command, this.#within(signal));
      return new Uint8Array(Buffer.from(await Body!.transformToByteArray()));
    } catch (error) {
      if (nameOf(error) === "NoSuchKey") return undefined;
      if (nameOf(error) === "AccessDenied") {
        throw new UsageError(
          `not allowed to read in "${this.options.bucket}", which a --key without {hash} needs`,
          "s3:GetObject in the policy, or {hash} in --key",
        );
      }
      throw this.#explained(error);
    }
  }

  async *list(
    { prefix = "", after, signal }: { prefix?: string; after?: string; signal: AbortSignal },
  ): AsyncIterable<StoredObject> {
    const start = after ? this.options.prefix + after : undefined;
    for await (const page of this.#pages({ prefix, start, signal })) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        const key = Key!.slice(this.options.prefix.length);
        yield { key, bytes: Size ?? 0, writtenMs: LastModified?.getTime() ?? 0 };
      }
    }
  }

  async folders({ prefix = "", signal }: { prefix?: string; signal: AbortSignal }): Promise<string[]> {
    const folders: string[] = [];
    for await (const page of this.#pages({ prefix, delimiter: "/", signal })) {
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        folders.push(Prefix!.slice(this.options.prefix.length));
      }
    }
    return folders;
  }

  async *#pages(
    { prefix, start, delimiter, signal }: {
      prefix: string;
      start?: string;
      delimiter?: string;
      signal: AbortSignal;
    },
  ): AsyncIterable<ListObjectsV2CommandOutput> {
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.options.bucket,
        Prefix: this.options.prefix + prefix,
        StartAfter: start,
        Delimiter: delimiter,
        ContinuationToken: token,
      });
      let page;
      try {
        page = await this.#client.send(command, this.#within(signal));
      } catch (error) {
        throw this.#explained(error);
      }
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
  }

  #within(signal: AbortSignal): { abortSignal: AbortSignal } {
    return { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs)]) };
  }

  /** The SDK's errors in words a user can act on. */
  #explained(error: unknown): Error {
    const place = this.options.endpoint === undefined ? "AWS" : safeAddress(this.options.endpoint);
    switch (nameOf(error)) {
      case "NoSuchBucket":
        return new UsageError(
          `no bucket "${this.options.bucket}" at ${place}`,
          "make it, or --store s3://BUCKET/PREFIX",
        );
      case "InvalidAccessKeyId":
      case "XAdminUserNotFound": // versitygw's word for it
        return new UsageError(
          `${place} does not know this access key`,
          "AWS_ACCESS_KEY_ID in the environment",
        );
      case "SignatureDoesNotMatch":
        return new UsageError(`${place} refuses the secret key`, "AWS_SECRET_ACCESS_KEY in the environment");
      case "CredentialsProviderError":
        return new Failure( // They may come: an instance's role is there a while after the instance.
          "no AWS credentials found",
          "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, a profile, or an instance role",
        );
      case "PermanentRedirect":
      case "AuthorizationHeaderMalformed":
        return new UsageError(
          `the bucket "${this.options.bucket}" is in another region`,
          "--s3-region REGION",
        );
      case "EntityTooLarge": // Any other complaint may be about settings, and mended.
        return new Refusal(`${place} will never take it: ${messageOf(error)}`);
      case "TimeoutError":
      case "AbortError":
        return new Error(`no answer from ${place} within ${this.options.timeoutMs / 1000} s`);
      default:
        if (/region is missing/i.test(messageOf(error))) {
          return new UsageError(
            "no AWS region is set",
            "--s3-region REGION, or AWS_REGION in the environment",
          );
        }
        return new Error(`${place}: ${networkReason(error)}`, { cause: error });
    }
  }
}

/** What AWS_REGION or the profile says, else the region that servers other than AWS take for theirs. */
async function regionOrAny(): Promise<string> {
  try {
    return await new S3Client({}).config.region();
  } catch {
    return "us-east-1";
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
