/** Why an S3 server sent no answer, from the errors of the SDK and of `fetch`. */
import { messageOf } from "../errors.ts";
import { withSafeAddresses } from "../safe_address.ts";
import { tlsFaultOf, type TlsWords } from "../tls/tls_fault.ts";

const WORDS: TlsWords = {
  server: "the S3 server",
  authority: "DENO_CERT in the environment",
  plainScheme: "http://",
  tlsScheme: "https://",
};

/** Causes that a wrong address, a server that is down, and a machine without a network have, and what each means. */
const CONNECTING = [
  {
    cause: /connection refused/i,
    reason: "nothing listens at this address. Try: start the S3 server, or set --s3-endpoint to its address",
  },
  {
    cause: /dns error|failed to lookup|name or service not known/i,
    reason:
      "the host name is unknown. Try: check --s3-endpoint, the region, and that this machine can resolve names",
  },
];

/** Maximum length of a chain of causes. */
const MAX_CAUSES = 4;

/** The reason, with a remedy where the cause is known. Of addresses only the safe parts are shown. */
export function networkReason(error: unknown): string {
  const messages = causes(error);
  const fault = tlsFaultOf(messages.join(": "), WORDS);
  if (fault) return `${fault.reason}. Try: ${fault.hint}`;
  const known = CONNECTING.find(({ cause }) => cause.test(messages.join(": ")));
  if (known) return known.reason;
  return withSafeAddresses(messages.slice(0, 2).join(": "));
}

/** The messages of an error and of its causes, without "fetch failed", which gives no reason. */
function causes(error: unknown): string[] {
  const messages: string[] = [];
  for (let cause = error; cause !== undefined && messages.length < MAX_CAUSES;) {
    const message = messageOf(cause);
    if (message !== "fetch failed") messages.push(message);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return messages.length > 0 ? messages : [messageOf(error)];
}
