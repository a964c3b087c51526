/** The keys that a request chooses, as JSON or as a form. */
import { readBody } from "../web/request_body.ts";

/** The keys of a request; an error text when there are none or too many. */
export type ChosenKeys =
  | { readonly keys: readonly string[] }
  | { readonly status: number; readonly error: string };

/**
 * Reads `{"keys": ["KEY", …]}`, or the fields `keys` of a form (application/x-www-form-urlencoded), which starts a
 * download without a script holding the file in memory. Each key is there once.
 */
export async function chosenKeys(
  request: Request,
  { max, maxBytes }: { max: number; maxBytes: number },
): Promise<ChosenKeys> {
  const body = await readBody(request, { maxBytes });
  if (body === undefined) return { status: 413, error: `the request is larger than ${maxBytes} bytes` };
  const type = request.headers.get("content-type")?.split(";")[0].trim();
  // curl sends JSON with the type of a form, too.
  const keys = type === "application/x-www-form-urlencoded" && !body.trimStart().startsWith("{")
    ? new URLSearchParams(body).getAll("keys")
    : keysInJson(body);
  if (!keys || keys.length === 0) return { status: 400, error: `the request should be {"keys": ["KEY", …]}` };
  if (keys.length > max) {
    return { status: 413, error: `the request names ${keys.length} faces: at most ${max}` };
  }
  return { keys: [...new Set(keys)] };
}

function keysInJson(body: string): string[] | undefined {
  try {
    const { keys } = JSON.parse(body);
    return Array.isArray(keys) && keys.every((key) => typeof key === "string") ? keys : undefined;
  } catch {
    return undefined;
  }
}
