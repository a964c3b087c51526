/** HTTP responses that grant a browser no more rights than the page requires. */

const COMMON = {
  "X-Content-Type-Options": "nosniff",
  // With no-referrer, browsers would send `Origin: null` with the gallery's own forms.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Allows the page its own pictures, style, script and event stream, and no other origin. */
export const PAGE_POLICY =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** A response with any body; `headers` override the common ones. */
export function respond(
  body: BodyInit | null,
  { status = 200, type, policy = NO_CONTENT_POLICY, headers = {} }: {
    status?: number;
    type: string;
    policy?: string;
    headers?: Record<string, string>;
  },
): Response {
  return new Response(body, {
    status,
    headers: { ...COMMON, "Content-Type": type, "Content-Security-Policy": policy, ...headers },
  });
}

/** A response with plain text. */
export function plain(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return respond(`${text}\n`, { status, type: "text/plain; charset=utf-8", headers });
}

/** A response with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return respond(JSON.stringify(value), { status, type: "application/json", headers });
}
