/**
 * Whether a request that changes something comes from the gallery's own page (cross-site request forgery). Browsers tell
 * by Sec-Fetch-Site (W3C Fetch Metadata), which they send to https:// and localhost only, else by Origin (RFC 6454).
 */
export function isFromOwnPage({ headers }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  return origin !== null && URL.canParse(origin) &&
    new URL(origin).host === hostOf(headers.get("host"), origin);
}

/** A Host header as `URL.host` has it: in lower case, without the default port of the origin's scheme. */
function hostOf(host: string | null, origin: string): string | undefined {
  const text = `${new URL(origin).protocol}//${host}`;
  return host !== null && URL.canParse(text) ? new URL(text).host : undefined;
}
