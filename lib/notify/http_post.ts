/** One HTTP request to a service: time limit, bounded answer, and what its status means. */
import { messageOf, RejectedMessageError } from "../errors.ts";
import { printable } from "../printable.ts";
import { withSafeAddresses } from "../safe_address.ts";
import { ServiceError } from "./notification.ts";

const TIMEOUT_MS = 30_000;
/** More bytes of an answer are not read. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** More characters of a service's explanation are cut. */
const MAX_REASON = 200;

/** A request. */
export interface PostRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | FormData | string;
  readonly signal: AbortSignal;
}

/** An answer with a status of 2xx. */
export interface PostAnswer {
  readonly text: string;
}

/** An answer with another status. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Explains a failed answer where the service has its own words; returns nothing where the status says enough. */
export type Explain = (answer: FailedAnswer) => Error | undefined;

/** Posts to services. */
export class Poster {
  /** @param options.client trusts other certificate authorities. */
  constructor(
    private readonly options: { readonly client?: Deno.HttpClient; readonly timeoutMs?: number } = {},
  ) {}

  /** Resolves on a status of 2xx; throws a ServiceError or a RejectedMessageError otherwise. */
  async post(address: URL, { headers, body, signal }: PostRequest, explain?: Explain): Promise<PostAnswer> {
    const { client, timeoutMs = TIMEOUT_MS } = this.options;
    const limit = AbortSignal.timeout(timeoutMs);
    const url = new URL(address);
    url.username = url.password = "";
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method: "POST",
        redirect: "manual", // A redirected request would lose its body, or carry secrets elsewhere.
        headers: { ...basicAuthorization(address), ...headers },
        body,
        signal: AbortSignal.any([signal, limit]),
        ...(client && { client }),
      });
      text = await readBounded(response);
    } catch (error) {
      if (signal.aborted) throw new ServiceError("stopped");
      if (limit.aborted) throw new ServiceError(`no answer within ${timeoutMs / 1000} s`);
      throw new ServiceError(networkReason(error));
    }
    if (response.ok) return { text };
    const failed = { status: response.status, headers: response.headers, text };
    throw explain?.(failed) ?? meaningOf(failed);
  }
}

/** What a status means where a service has no words of its own. */
export function meaningOf({ status, headers, text }: FailedAnswer, said = saidBy(text)): Error {
  const reason = `status ${status}${said === "" ? "" : `: ${said}`}`;
  if (status === 429 || status === 408 || status === 425 || status >= 500) {
    return new ServiceError(reason, { retryAfterMs: retryAfterMs(headers) });
  }
  if (status < 400) {
    return new ServiceError(`${reason}: it redirects to another address`, {
      hint: "set the address of the service itself",
    });
  }
  if ([401, 403, 404, 405, 407].includes(status)) {
    return new ServiceError(reason, { hint: "check its address, token and rights" });
  }
  return new RejectedMessageError(reason);
}

/**
 * The object of an answer, when it is one of the service. Another server, such as the login page of a network, may answer
 * 200 to anything, and then nothing was sent.
 */
export function answerOf(
  { text }: PostAnswer,
  service: string,
  isRight: (answer: Record<string, unknown>) => boolean,
): Record<string, unknown> {
  const answer = parsed(text);
  if (answer && isRight(answer)) return answer;
  throw new ServiceError(`another server than ${service} answered`, { hint: "check its address" });
}

/** Milliseconds of the header Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfterMs(headers: Headers, nowMs: number = Date.now()): number | undefined {
  const given = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(given)) return Number(given) * 1000;
  const atMs = /^[A-Z]/i.test(given) ? Date.parse(given) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** What an answer says: the usual fields of an error in JSON, or the first line of its text. */
export function saidBy(text: string): string {
  const json = parsed(text);
  const said = [json?.description, json?.errorDescription, json?.error, json?.errors].find((one) =>
    typeof one === "string" || (Array.isArray(one) && one.length > 0)
  );
  const plain = json || /^\s*</.test(text) ? "" : text.trim().split("\n", 1)[0];
  return withSafeAddresses(printable(said === undefined ? plain : inWords(said), { max: MAX_REASON }));
}

/** A text, or a list of texts or objects, as JSON:API has them. */
function inWords(said: unknown): string {
  const words = [said].flat().map((one) => typeof one === "string" ? one : JSON.stringify(one));
  return words.join(", ");
}

/** The object of a JSON text; nothing for another text. */
export function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The user name and password of an address as a header. */
function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { Authorization: `Basic ${bytes.toBase64()}` };
}

/** The reason of a failed request, without the address that Deno puts in front of it. Deno 2.9 has it in `cause`. */
function networkReason(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const reason = messageOf(cause instanceof Error ? cause : error);
  return withSafeAddresses(
    reason.replace(/^error sending request for url \([^)]*\): (client error \(\w+\): )?/, ""),
  );
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, MAX_ANSWER_BYTES - bytes));
    bytes += chunk.length;
    if (bytes >= MAX_ANSWER_BYTES) break; // Leaving the loop cancels the rest.
  }
  return await new Blob(chunks as BlobPart[]).text();
}
