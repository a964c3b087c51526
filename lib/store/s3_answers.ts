/** What an answer of S3, or none, means: in words for people, and whether it is about the store or about one object. */
import { ConfigError, FatalError, messageOf, RejectedMessageError } from "../errors.ts";
import { safeAddress } from "../safe_address.ts";
import { networkReason } from "./s3_network.ts";
import { StoreError } from "./store.ts";

/** Where the answer came from. */
export interface S3Place {
  readonly bucket: string;
  readonly endpoint?: string;
  readonly timeoutMs: number;
}

/** What the SDK's errors carry. */
interface SdkError extends Error {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const MAX_SHOWN = 200;

/** Codes that say for sure that this object can never be stored. */
const NEVER = new Set(["EntityTooLarge", "KeyTooLong", "KeyTooLongError", "MetadataTooLarge"]);

/** Codes of client errors that are about the store, the account, the clock or the way, never about one object. */
const ABOUT_THE_STORE = new Set([
  "AccountProblem",
  "AllAccessDisabled",
  "BadDigest",
  "BadRequest", // what AWS answers to HEAD for nearly everything
  "ConditionalRequestConflict",
  "ExpiredToken",
  "IncompleteBody",
  "InvalidBucketName",
  "InvalidBucketState",
  "InvalidSecurity",
  "InvalidToken",
  "NoSuchUpload",
  "NotSignedUp",
  "OperationAborted",
  "QuotaExceeded",
  "RequestExpired",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "SlowDown",
  "Throttling",
  "TokenRefreshRequired",
  "TooManyRequests",
  "XAmzContentSHA256Mismatch",
  "XMinioAdminBucketQuotaExceeded",
]);

/** Client errors that may be about one object when no code says otherwise. */
const ABOUT_AN_OBJECT = new Set([400, 403, 405, 406, 409, 411, 413, 414, 415, 422, 431, 451, 501]);

/** The HTTP status of an answer; nothing when none came. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkError | undefined)?.$metadata?.httpStatusCode;
}

/** The code of an S3 error answer, such as `AccessDenied`; nothing when the answer held none. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as SdkError | undefined)?.Code;
  return code && /^\w{1,64}$/.test(code) ? code : undefined;
}

/** Whether an answer may mean that the server does not know one of the request's headers. */
export function mayBeAboutHeaders(error: unknown): boolean {
  const [status, code = ""] = [statusOf(error), codeOf(error)];
  return status === 501 ||
    (status === 400 && !ABOUT_THE_STORE.has(code) && !NEVER.has(code) && !EXPLAINED[code]);
}

/** Whether an answer means that the credentials allow something else only. */
export function isDenied(error: unknown): boolean {
  return codeOf(error) === "AccessDenied" || (statusOf(error) === 403 && codeOf(error) === undefined);
}

type Explanation = (place: S3Place, at: string) => Error;

/** What users can mend, by code. */
const EXPLAINED: Readonly<Record<string, Explanation>> = {
  NoSuchBucket: ({ bucket }, at) =>
    new ConfigError(`no bucket "${bucket}" at ${at}`, "create it, or set --store s3://BUCKET/PREFIX"),
  InvalidAccessKeyId: (_, at) => unknownKey(at),
  XAdminUserNotFound: (_, at) => unknownKey(at), // versitygw's word for it
  SignatureDoesNotMatch: (_, at) =>
    new ConfigError(`${at} refuses the secret key`, "set AWS_SECRET_ACCESS_KEY in the environment"),
  PermanentRedirect: ({ bucket }) => elsewhere(bucket),
  AuthorizationHeaderMalformed: ({ bucket }) => elsewhere(bucket),
};

/** The SDK's errors in words a user can act on. */
export function explained(error: unknown, place: S3Place): Error {
  if (error instanceof StoreError || error instanceof RejectedMessageError || error instanceof ConfigError) {
    return error;
  }
  const at = nameOf(place);
  const [status, code, name] = [statusOf(error), codeOf(error), error instanceof Error ? error.name : ""];
  if (code !== undefined && EXPLAINED[code]) return EXPLAINED[code](place, at);
  if (name === "CredentialsProviderError") {
    return new FatalError( // They may come: an instance's role is there a while after the instance.
      "no AWS credentials found",
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or give a profile or an instance role",
    );
  }
  if (name === "TimeoutError" || name === "AbortError") {
    const seconds = place.timeoutMs / 1000;
    return new StoreError(`no answer from ${at} within ${seconds} s`, "store", "timeout");
  }
  if (/region is missing/i.test(messageOf(error))) {
    return new ConfigError(
      "no AWS region is set",
      "set --s3-region REGION, or AWS_REGION in the environment",
    );
  }
  if (status === undefined) {
    return new StoreError(`${at}: ${printable(networkReason(error))}`, "store", "network");
  }
  const kind = `${status} ${code ?? "without an S3 error code"}`;
  const text = `${at} answered ${kind}${shown(error, code)}`;
  if (code !== undefined && NEVER.has(code)) return new RejectedMessageError(text);
  const isAboutObject = ABOUT_AN_OBJECT.has(status) && !ABOUT_THE_STORE.has(code ?? "");
  return new StoreError(text, isAboutObject ? "object" : "store", kind, status);
}

/** An answer that looks like success and is not S3's. */
export function unconfirmed(what: string, place: S3Place): StoreError {
  return new StoreError(`${nameOf(place)} answered 200, but ${what}`, "store", `200: ${what}`, 200);
}

function unknownKey(at: string): ConfigError {
  return new ConfigError(`${at} does not know this access key`, "set AWS_ACCESS_KEY_ID in the environment");
}

function elsewhere(bucket: string): ConfigError {
  return new ConfigError(`the bucket "${bucket}" is in another region`, "set --s3-region REGION");
}

function nameOf({ endpoint }: S3Place): string {
  return endpoint === undefined ? "AWS" : safeAddress(endpoint);
}

/** What S3 itself says, or of which type an answer is that is not S3's. */
function shown(error: unknown, code: string | undefined): string {
  if (code !== undefined) {
    const said = printable(messageOf(error));
    return said === "" || said === code || said === "UnknownError" ? "" : `: ${said}`;
  }
  const type = (error as SdkError).$response?.headers?.["content-type"];
  return type ? ` (${printable(type.split(";")[0])})` : "";
}

/** One line without control characters, cut to a limit. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}
