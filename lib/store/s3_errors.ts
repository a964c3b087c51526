/** Errors of S3 requests as errors for people, about the store or about one object. */
import { ConfigError, FatalError, messageOf, RejectedMessageError } from "../errors.ts";
import { printable } from "../printable.ts";
import { safeAddress } from "../safe_address.ts";
import { networkReason } from "./s3_network.ts";
import { StoreError } from "./store.ts";

/** The bucket of a request. */
export interface S3Place {
  readonly bucket: string;
  readonly endpoint?: string;
  readonly timeoutMs: number;
}

/** The fields of the SDK's errors. */
interface SdkError extends Error {
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Maximum length of a server's message in an error; the rest is cut off. */
const MAX_SHOWN = 200;

/** Codes that mean that the object can never be stored. */
const NEVER = new Set(["EntityTooLarge", "KeyTooLong", "KeyTooLongError", "MetadataTooLarge"]);

/** Codes of client errors about the store, the account, the clock or the network, never about one object. */
const ABOUT_THE_STORE = new Set([
  "AccountProblem",
  "AllAccessDisabled",
  "BadDigest",
  "BadRequest", // AWS answers it to HEAD for nearly every error.
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

/** Client errors that may be about one object, unless their code is listed above. */
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

/** Whether an error may mean that the server does not support one of the request's headers. */
export function mayBeAboutHeaders(error: unknown): boolean {
  const [status, code = ""] = [statusOf(error), codeOf(error)];
  return status === 501 ||
    (status === 400 && !ABOUT_THE_STORE.has(code) && !NEVER.has(code) && !EXPLAINED[code]);
}

/** Whether an error means that the credentials do not allow the request. */
export function isDenied(error: unknown): boolean {
  return codeOf(error) === "AccessDenied" || (statusOf(error) === 403 && codeOf(error) === undefined);
}

type Explanation = (place: S3Place, at: string) => Error;

/** Errors that users can fix, by code. */
const EXPLAINED: Readonly<Record<string, Explanation>> = {
  NoSuchBucket: ({ bucket }, at) =>
    new ConfigError(`no bucket "${bucket}" at ${at}`, "create it, or set --store s3://BUCKET/PREFIX"),
  InvalidAccessKeyId: (_, at) => unknownKey(at),
  XAdminUserNotFound: (_, at) => unknownKey(at), // versitygw's code for it
  SignatureDoesNotMatch: (_, at) =>
    new ConfigError(`${at} refuses the secret key`, "set AWS_SECRET_ACCESS_KEY in the environment"),
  PermanentRedirect: ({ bucket }) => elsewhere(bucket),
  AuthorizationHeaderMalformed: ({ bucket }) => elsewhere(bucket),
};

/** An error of the SDK as an error for users. */
export function explained(error: unknown, place: S3Place): Error {
  if (error instanceof StoreError || error instanceof RejectedMessageError || error instanceof ConfigError) {
    return error;
  }
  const at = nameOf(place);
  const [status, code, name] = [statusOf(error), codeOf(error), error instanceof Error ? error.name : ""];
  if (code !== undefined && EXPLAINED[code]) return EXPLAINED[code](place, at);
  if (name === "CredentialsProviderError") {
    return new FatalError( // Not a ConfigError: an instance role is available a while after the instance has started.
      "no AWS credentials found",
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or provide a profile or an instance role",
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
    return new StoreError(`${at}: ${oneLine(networkReason(error))}`, "store", "network");
  }
  const kind = `${status} ${code ?? "without an S3 error code"}`;
  const text = `${at} answered ${kind}${shown(error, code)}`;
  if (code !== undefined && NEVER.has(code)) return new RejectedMessageError(text, "store");
  const isAboutObject = ABOUT_AN_OBJECT.has(status) && !ABOUT_THE_STORE.has(code ?? "");
  return new StoreError(text, isAboutObject ? "object" : "store", kind, status);
}

/** The error for a successful answer that does not confirm the object. All of them are one kind, which is reported once. */
export function unconfirmed(what: string, place: S3Place): StoreError {
  return new StoreError(`${nameOf(place)} answered 200, but ${what}`, "store", "200", 200);
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

/** The message of an S3 error, or the media type of an answer that is not S3's. */
function shown(error: unknown, code: string | undefined): string {
  if (code !== undefined) {
    const said = oneLine(messageOf(error));
    return said === "" || said === code || said === "UnknownError" ? "" : `: ${said}`;
  }
  const type = (error as SdkError).$response?.headers?.["content-type"];
  return type ? ` (${oneLine(type.split(";")[0])})` : "";
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim(), { max: MAX_SHOWN });
}
