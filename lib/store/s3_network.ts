/** Why no answer of an S3 server came, from what the SDK and `fetch` say. */
import { messageOf } from "../errors.ts";
import { withSafeAddresses } from "../safe_address.ts";
import { tlsFaultOf, type TlsWords } from "../tls/tls_fault.ts";

const WORDS: TlsWords = {
  server: "the S3 server",
  authority: "DENO_CERT in the environment",
  plainScheme: "http://",
  tlsScheme: "https://",
};

const MAX_CAUSES = 4;

/** The reason, and a remedy where TLS is the cause. Addresses in it are shown by their safe parts. */
export function networkReason(error: unknown): string {
  const said = causes(error);
  const fault = tlsFaultOf(said.join(": "), WORDS);
  if (fault) return `${fault.reason}. Try: ${fault.hint}`;
  return withSafeAddresses(said.slice(0, 2).join(": "));
}

/** What an error says, and what those say that it was caused by. "fetch failed" alone says nothing. */
function causes(error: unknown): string[] {
  const said: string[] = [];
  for (let cause = error; cause !== undefined && said.length < MAX_CAUSES;) {
    const message = messageOf(cause);
    if (message !== "fetch failed") said.push(message);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return said.length > 0 ? said : [messageOf(error)];
}
