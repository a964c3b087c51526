/**
 * What may be shown of an address. A user name, a password, a path, a query and a fragment may each be or hold a
 * secret, so only the scheme, the host and the port are ever shown: they are picked out, nothing is blanked out.
 */

/** Stands for a text of which nothing may be shown. */
export const NOT_SHOWN = "(not shown)";

/** The characters that separate the parts of an address, so that a user name or a password needs them encoded. */
export const ENCODE_HINT =
  "write %40 for @, %2F for /, %3A for :, %3F for ?, %23 for #, %25 for % and %20 for a space " +
  "in a user name or password";

/** The parts of an address that are no secret. */
export interface SafeParts {
  /** In lower case, without the colon. */
  readonly scheme: string;
  /** IPv6 stands in brackets. */
  readonly host: string;
  readonly port: string | undefined;
  /** Whether there is more than `/` behind the host. */
  readonly hasMore: boolean;
  /**
   * Whether an `@` or a backslash stands behind the host. Then the first `/`, `?` or `#` may belong to a password, and
   * what looks like the host and the port may be a user name and the beginning of that password.
   */
  readonly isDoubtful: boolean;
}

const ADDRESS = /^([a-z][a-z0-9+.-]{0,30}):\/\/(?:[^/?#\\]*@)?([^/?#@\\]*)([^]*)$/i;
/** A name, an IPv4 address or a bracketed IPv6 address. A name that is not ASCII may be percent-encoded. */
const HOST_AND_PORT =
  /^((?:[\p{L}\p{N}_.-]|%[89a-f][0-9a-f]){1,255}|\[[0-9a-f:.]{2,45}(?:%[\w.-]{1,20})?\])(?::(\d{1,5}))?$/iu;

/** The safe parts of `SCHEME://[USER[:PASSWORD]@]HOST[:PORT][…]`; nothing when the text is no such address. */
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

/** An address as it may be shown: `rtsp://10.0.0.7:554/…`. Of one whose host is in doubt only the scheme is. */
export function safeAddress(address: string): string {
  const parts = safeParts(address);
  if (!parts) return NOT_SHOWN;
  const { scheme, host, port, hasMore, isDoubtful } = parts;
  if (isDoubtful) return `${scheme}://…`;
  return `${scheme}://${host}${port === undefined ? "" : `:${port}`}${hasMore ? "/…" : ""}`;
}

/** What is wrong with the path of a folder, or nothing: addresses and shares with a password in front are none. */
export function wrongFolder(path: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^@]*:[^/@]*@/i.test(path) ? "should be a folder" : undefined;
}

const MAX_QUOTED = 200;
/** Addresses and queries are made with these; so are secrets. */
// deno-lint-ignore no-control-regex
const MAY_HOLD_SECRET = /[@?#&%=\\\u0000-\u001f\u007f]|:\/|\/\//;

/** A text that a user gave, in quotes; of an address its safe parts, and nothing of what may hold a secret. */
export function quoted(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) {
    return `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}"`;
  }
  const safe = safeAddress(text);
  return safe === NOT_SHOWN ? safe : `"${safe}"`;
}

/** Text of another program or library, each address in it replaced by its safe parts. */
export function withSafeAddresses(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>()`]+/gi, (address) => {
    // A sentence may go on behind the address.
    const [, itself, end] = /^(.*?)([:;,.!]*)$/s.exec(address)!;
    return safeAddress(itself) + end;
  });
}
