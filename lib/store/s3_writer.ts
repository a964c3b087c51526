/**
 * One put, on servers that are S3 and on those that almost are. A header that a server does not know is left out from
 * then on, step by step; an answer counts only when it confirms the object that was sent.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { explained, mayBeAboutHeaders, type S3Place, statusOf, unconfirmed } from "./s3_answers.ts";
import type { ObjectInfo } from "./store.ts";

/** A put as the SDK takes it. */
export interface PutInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: Uint8Array;
  readonly ContentLength: number;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
  readonly ChecksumSHA256?: string;
  readonly ContentMD5?: string;
  readonly IfNoneMatch?: string;
}

/** What confirms an object. */
interface Confirmation {
  readonly ETag?: string;
  readonly ChecksumSHA256?: string;
  readonly ContentLength?: number;
  readonly Metadata?: Readonly<Record<string, string>>;
}

interface Within {
  readonly abortSignal: AbortSignal;
}

/** The requests that it makes; both throw what the SDK throws. */
export interface WriterRequests {
  put(input: PutInput, within: Within): Promise<Confirmation>;
  /** Nothing when there is no such object. */
  head(key: string, within: Within): Promise<Confirmation | undefined>;
}

/** How a put is made. The server compares the checksum with what it got, and refuses what was damaged on the way. */
interface Way {
  readonly checksum: "sha256" | "md5" | "none";
  readonly conditional: boolean;
}

/** Writes objects into one bucket. */
export class S3Writer {
  #checksum: Way["checksum"] = "sha256";
  #conditional = true;

  constructor(
    private readonly place: S3Place & {
      readonly prefix: string;
      readonly onMissing?: (what: string) => void;
    },
    private readonly requests: WriterRequests,
  ) {}

  /** Whether the server refuses If-None-Match, so that `ifAbsent` means nothing to it. */
  get leavesOutConditions(): boolean {
    return !this.#conditional;
  }

  /** Puts an object and has it confirmed. Returns false when the server says that the key is taken. */
  async put(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    { contentType, metadata }: ObjectInfo,
    { abortSignal, ifAbsent = false }: Within & { readonly ifAbsent?: boolean },
  ): Promise<boolean> {
    const object = {
      Bucket: this.place.bucket,
      Key: this.place.prefix + key,
      Body: bytes,
      ContentLength: bytes.length,
      ContentType: contentType,
      Metadata: { ...metadata },
    };
    const usual: Way = { checksum: this.#checksum, conditional: ifAbsent && this.#conditional };
    const ways = [usual];
    let first: unknown;
    for (const way of ways) {
      const sent = headers(way, bytes);
      let answer;
      try {
        answer = await this.requests.put({ ...object, ...sent }, { abortSignal });
      } catch (error) {
        if (way.conditional && statusOf(error) === 412) return false;
        if (!mayBeAboutHeaders(error)) throw explained(error, this.place);
        if (way !== usual) continue;
        first = error;
        ways.push(...poorerWays(usual, error));
        continue;
      }
      const isConfirmed = sent.ChecksumSHA256 !== undefined && sent.ChecksumSHA256 === answer.ChecksumSHA256;
      if (!isConfirmed) await this.#confirm(key, bytes, answer, { abortSignal });
      this.#learn(usual, way);
      return true;
    }
    throw explained(first, this.place);
  }

  /** What is refused once is left out from now on, and told of. */
  #learn(usual: Way, used: Way): void {
    if (used.checksum !== usual.checksum && this.#checksum === usual.checksum) {
      this.#checksum = used.checksum;
      const instead = used.checksum === "md5" ? "Content-MD5 is sent instead" : "none is sent";
      this.place.onMissing?.(`SHA-256 checksums (x-amz-checksum-sha256); ${instead}`);
    }
    if (used.conditional !== usual.conditional && this.#conditional) {
      this.#conditional = false;
      this.place.onMissing?.(
        "conditional writes (If-None-Match is refused); each name is looked up first, which is safe with one saver only",
      );
    }
  }

  /** Throws unless the answer, or a look at the object, shows that the store has these bytes. */
  async #confirm(key: string, bytes: Uint8Array, answer: Confirmation, within: Within): Promise<void> {
    const etag = plain(answer.ETag);
    // An ETag is the MD5 of most objects; not where the server encrypts with a key of its own.
    if (etag !== undefined && etag === digest("md5", bytes).toString("hex")) return;
    const sha256 = digest("sha256", bytes);
    if (answer.ChecksumSHA256 === sha256.toString("base64")) return;
    const there = await this.requests.head(key, within).catch((error) => {
      if (statusOf(error) === 403) return undefined;
      throw explained(error, this.place);
    });
    const isOurs = there?.ContentLength === bytes.length &&
      (etag === undefined || plain(there.ETag) === etag) &&
      (there.Metadata?.sha256 ?? sha256.toString("hex")) === sha256.toString("hex");
    if (!isOurs) throw unconfirmed("nothing shows that the object is stored", this.place);
  }
}

/** The ways with fewer headers, those first that the answer seems to ask for. */
function poorerWays({ checksum, conditional }: Way, answer: unknown): Way[] {
  const weaker = ({ sha256: ["md5", "none"], md5: ["none"], none: [] } as const)[checksum];
  const withoutChecksum = weaker.map((checksum) => ({ checksum, conditional }));
  const unconditional = conditional ? [{ checksum, conditional: false }] : [];
  const text = String(answer);
  const conditionFirst = /none-match|condition/i.test(text) ||
    (statusOf(answer) === 501 && !/checksum|sha256/i.test(text));
  return [
    ...(conditionFirst ? [...unconditional, ...withoutChecksum] : [...withoutChecksum, ...unconditional]),
    ...(conditional ? weaker.map((checksum) => ({ checksum, conditional: false })) : []),
  ];
}

function headers({ checksum, conditional }: Way, bytes: Uint8Array): Partial<PutInput> {
  return {
    ...(checksum === "sha256" && { ChecksumSHA256: digest("sha256", bytes).toString("base64") }),
    ...(checksum === "md5" && { ContentMD5: digest("md5", bytes).toString("base64") }),
    ...(conditional && { IfNoneMatch: "*" }),
  };
}

function digest(algorithm: "md5" | "sha256", bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

/** An ETag without its quotes and without the mark of a weak one. */
function plain(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, "").replaceAll('"', "").toLowerCase();
}
