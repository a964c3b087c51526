/** `/healthz`: whether the gallery does its job. */
import { plain } from "../web/responses.ts";
import type { Call } from "./route.ts";

/** The status is public, since a supervisor has no token. The reason is not, since it may name the bucket. */
export async function healthStatus(
  { access, gallery: { store, health, signal } }: Call,
): Promise<Response> {
  const failure = await health.failure(() => store.fewNames({ signal }), { signal });
  if (failure === undefined) return plain("ok");
  return plain(access.kind === "allowed" ? failure : "the store does not answer", 503);
}
