/** Answers that give a browser no more rights than the page needs. */

const COMMON = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The page: its own pictures, style, script and feed, and nothing from anywhere else. */
export const PAGE_POLICY =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** An answer of any kind; what `headers` name goes before the common ones. */
export function answer(
  body: BodyInit | null,
  { status = 200, type, policy = NOTHING, headers = {} }: {
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

/** An answer in plain words. */
export function plain(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return answer(`${text}\n`, { status, type: "text/plain; charset=utf-8", headers });
}

/** An answer for a program. */
export function json(value: unknown, status = 200): Response {
  return answer(JSON.stringify(value), { status, type: "application/json" });
}
