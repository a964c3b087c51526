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

/** Maximum length of a chain of causes. */
const MAX_CAUSES = 4;

/** The reason, with a remedy where TLS is the cause. Of addresses only the safe parts are shown. */
export function networkReason(error: unknown): string {
  const messages = causes(error);
  const fault = tlsFaultOf(messages.join(": "), WORDS);
  if (fault) return `${fault.reason}. Try: ${fault.hint}`;
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
