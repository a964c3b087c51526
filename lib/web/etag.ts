/**
 * Entity tags: a browser keeps a response and asks each time whether it is still right. Then it gets status 304 without
 * the body. Format: RFC 9110, sections 8.8.3 and 13.1.2.
 */
import { createHash } from "node:crypto";

/** The headers of a response that a browser keeps and asks about. */
export function taggedBy(bytes: Uint8Array): { readonly "Cache-Control": string; readonly ETag: string } {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return { "Cache-Control": "private, no-cache", ETag: `"${digest}"` };
}

/** The response, or 304 when the browser that sent the request has it. */
export async function unlessKept({ headers }: Request, response: Response): Promise<Response> {
  const etag = response.headers.get("etag");
  if (response.status !== 200 || etag === null || !hasTag(headers.get("if-none-match"), etag)) {
    return response;
  }
  await response.body?.cancel();
  return new Response(null, { status: 304, headers: response.headers });
}

/** Whether an If-None-Match header holds a tag, compared as weak tags. */
function hasTag(header: string | null, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
