/**
 * Whether a request that changes something comes from the gallery's own page (cross-site request forgery). Browsers tell
 * by Sec-Fetch-Site (W3C Fetch Metadata), which they send to https:// and localhost only, else by Origin (RFC 6454).
 */
export function isFromOwnPage(request: Request): boolean {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin");
  if (origin === null || !URL.canParse(origin)) return false;
  // `URL.host` is in lower case, without the default port of its scheme.
  const own = `${new URL(origin).protocol}//${hostOf(request)}`;
  return URL.canParse(own) && new URL(own).host === new URL(origin).host;
}

/** The host that a request is for: its Host header, or for HTTP/2 the authority that Deno puts into the URL. */
export function hostOf({ headers, url }: Request): string {
  return headers.get("host") ?? new URL(url).host;
}
