/**
 * The safe parts of an address. A user name, a password, a path, a query and a fragment may each hold a secret, so
 * messages show only scheme, host and port. These parts are extracted from the text; nothing is masked in place.
 */

/** Replaces a text that may hold a secret and has no safe part. */
export const NOT_SHOWN = "(not shown)";

/** How to encode the characters that would otherwise end a user name or a password. */
export const ENCODE_HINT =
  "write %40 for @, %2F for /, %3A for :, %3F for ?, %23 for #, %25 for % and %20 for a space " +
  "in a user name or password";

/** The parts of an address that hold no secret. */
export interface SafeParts {
  /** In lower case, without the colon. */
  readonly scheme: string;
  /** IPv6 in brackets. */
  readonly host: string;
  readonly port: string | undefined;
  /** Whether more than `/` follows host and port. */
  readonly hasMore: boolean;
  /**
   * Whether an `@` or a backslash follows the host. Then the first `/`, `?` or `#` may belong to a password, and host and
   * port may really be a user name and the start of that password.
   */
  readonly isDoubtful: boolean;
}

const ADDRESS = /^([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^/?#\\]*@)?([^/?#@\\]*)([^]*)$/i;
/** A host name, an IPv4 address or a bracketed IPv6 address. Other characters than ASCII may be percent-encoded. */
const HOST_AND_PORT =
  /^((?:[\p{L}\p{N}_.-]|%[89a-f][0-9a-f]){1,255}|\[[0-9a-f:.]{2,45}(?:%[\w.-]{1,20})?\])(?::(\d{1,5}))?$/iu;

/** The safe parts of `SCHEME://[USER[:PASSWORD]@]HOST[:PORT][…]`; undefined when the text has another form. */
export function safeParts(address: string): SafeParts | undefined {
  const [, scheme, authority = "", rest] = ADDRESS.exec(address) ?? [];
  const [, host, port] = HOST_AND_PORT.exec(authority) ?? [];
  if (host === undefined || Number(port ?? 0) > 65_535) return undefined;
  return {
    scheme: scheme.toLowerCase(),
    host,
    port,
    hasMore: rest !== "" && rest !== "/",
    isDoubtful: /[@\\]/.test(rest),
  };
}

/** An address for messages, such as `rtsp://10.0.0.7:554/…`; only the scheme when its host is doubtful. */
export function safeAddress(address: string): string {
  const parts = safeParts(address);
  if (!parts) return NOT_SHOWN;
  const { scheme, host, port, hasMore, isDoubtful } = parts;
  if (isDoubtful) return `${scheme}://…`;
  return `${scheme}://${host}${port === undefined ? "" : `:${port}`}${hasMore ? "/…" : ""}`;
}

/** The fault of a folder's path; undefined when there is none. An address or a share with a password is no folder. */
export function wrongFolder(path: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^@]*:[^/@]*@/i.test(path) ? "should be a folder" : undefined;
}

/** The fault of a source with a scheme, as an address. Any other source is checked when it is opened. */
export function wrongSource(given: string): string | undefined {
  return !/^[a-z][a-z0-9+.-]*:\/\//i.test(given) || /^file:/i.test(given) || safeParts(given)
    ? undefined
    : `should be SCHEME://[USER:PASSWORD@]HOST[:PORT][/PATH]; ${ENCODE_HINT}`;
}

const MAX_QUOTED = 200;
/** Characters of addresses and queries: a text with one of them may hold a secret. */
// deno-lint-ignore no-control-regex
const MAY_HOLD_SECRET = /[@?#&%=\\\u0000-\u001f\u007f]|:\/|\/\//;

/** A user's text in quotes, cut to 200 characters. An address is reduced to its safe parts, a possible secret is not shown. */
export function quoted(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) {
    return `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}"`;
  }
  const safe = safeAddress(text);
  return safe === NOT_SHOWN ? safe : `"${safe}"`;
}

/** The text of another program or library with each address reduced to its safe parts. */
export function withSafeAddresses(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()`]+/gi, (address) => {
    // Punctuation of the sentence may follow the address.
    const [, itself, end] = /^(.*?)([:;,.!]*)$/s.exec(address)!;
    return safeAddress(itself) + end;
  });
}
