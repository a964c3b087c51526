/**
 * Puts objects, on S3 and on servers that support only a part of it. A header that a server rejects is omitted from then
 * on, one by one. An answer counts only when it confirms the object that was sent.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { explained, mayBeAboutHeaders, type S3Place, statusOf, unconfirmed } from "./s3_errors.ts";
import type { ObjectInfo } from "./store.ts";

/** A put in the SDK's terms. */
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

/** The parts of an answer that confirm an object. */
interface Confirmation {
  readonly ETag?: string;
  readonly ChecksumSHA256?: string;
  readonly ContentLength?: number;
  readonly Metadata?: Readonly<Record<string, string>>;
}

interface Within {
  readonly abortSignal: AbortSignal;
}

/** The requests of a writer. Both throw what the SDK throws. */
export interface WriterRequests {
  put(input: PutInput, within: Within): Promise<Confirmation>;
  /** Nothing when there is no such object. */
  head(key: string, within: Within): Promise<Confirmation | undefined>;
}

/** The headers of a put. The server compares the checksum with the bytes, and rejects damaged ones. */
interface Variant {
  readonly checksum: "sha256" | "md5" | "none";
  readonly conditional: boolean;
}

/** Writes objects into one bucket. */
export class S3Writer {
  #checksum: Variant["checksum"] = "sha256";
  #conditional = true;

  constructor(
    private readonly place: S3Place & {
      readonly prefix: string;
      readonly onUnsupported?: (what: string) => void;
    },
    private readonly requests: WriterRequests,
  ) {}

  /** Whether If-None-Match is omitted since the server rejects it, so that `ifAbsent` has no effect. */
  get omitsConditions(): boolean {
    return !this.#conditional;
  }

  /** Puts an object and verifies its confirmation. Returns false when the key is taken. */
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
    const usual: Variant = { checksum: this.#checksum, conditional: ifAbsent && this.#conditional };
    const variants = [usual];
    let first: unknown;
    for (const variant of variants) {
      const sent = headers(variant, bytes);
      let answer;
      try {
        answer = await this.requests.put({ ...object, ...sent }, { abortSignal });
      } catch (error) {
        if (variant.conditional && statusOf(error) === 412) return false;
        if (!mayBeAboutHeaders(error)) throw explained(error, this.place);
        if (variant !== usual) continue;
        first = error;
        variants.push(...poorerVariants(usual, error));
        continue;
      }
      const isConfirmed = sent.ChecksumSHA256 !== undefined && sent.ChecksumSHA256 === answer.ChecksumSHA256;
      if (!isConfirmed) await this.#confirm(key, bytes, answer, { abortSignal });
      this.#learn(usual, variant);
      return true;
    }
    throw explained(first, this.place);
  }

  /** Omits a rejected header from now on, and reports it. */
  #learn(usual: Variant, used: Variant): void {
    if (used.checksum !== usual.checksum && this.#checksum === usual.checksum) {
      this.#checksum = used.checksum;
      const instead = used.checksum === "md5" ? "Content-MD5 is sent instead" : "none is sent";
      this.place.onUnsupported?.(`SHA-256 checksums (x-amz-checksum-sha256); ${instead}`);
    }
    if (used.conditional !== usual.conditional && this.#conditional) {
      this.#conditional = false;
      this.place.onUnsupported?.(
        "conditional writes (If-None-Match is rejected); each key is looked up first, which is safe with one saver only",
      );
    }
  }

  /** Throws unless the answer, or the object's headers, show that the store has these bytes. */
  async #confirm(key: string, bytes: Uint8Array, answer: Confirmation, within: Within): Promise<void> {
    const etag = plain(answer.ETag);
    // The ETag of most objects is their MD5, but not where the server encrypts with its own key.
    if (etag !== undefined && etag === digest("md5", bytes).toString("hex")) return;
    const sha256 = digest("sha256", bytes);
    if (answer.ChecksumSHA256 === sha256.toString("base64")) return;
    const found = await this.requests.head(key, within).catch((error) => {
      if (statusOf(error) === 403) return undefined;
      throw explained(error, this.place);
    });
    const isOurs = found?.ContentLength === bytes.length &&
      (etag === undefined || plain(found.ETag) === etag) &&
      (found.Metadata?.sha256 ?? sha256.toString("hex")) === sha256.toString("hex");
    if (!isOurs) throw unconfirmed("nothing shows that the object is stored", this.place);
  }
}

/** The variants with fewer headers; first those without the header that the answer seems to be about. */
function poorerVariants({ checksum, conditional }: Variant, answer: unknown): Variant[] {
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

function headers({ checksum, conditional }: Variant, bytes: Uint8Array): Partial<PutInput> {
  return {
    ...(checksum === "sha256" && { ChecksumSHA256: digest("sha256", bytes).toString("base64") }),
    ...(checksum === "md5" && { ContentMD5: digest("md5", bytes).toString("base64") }),
    ...(conditional && { IfNoneMatch: "*" }),
  };
}

function digest(algorithm: "md5" | "sha256", bytes: Uint8Array): Buffer {
  return createHash(algorithm).update(bytes).digest();
}

/** An ETag without quotes and without the prefix of a weak one. */
function plain(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, "").replaceAll('"', "").toLowerCase();
}
