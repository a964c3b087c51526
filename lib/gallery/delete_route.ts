/** `DELETE /api/faces`: deletes faces, where the gallery was started with `--allow delete`. */
import { chosenKeys } from "./chosen_keys.ts";
import { json } from "../web/responses.ts";
import { type Call, refuse } from "./route.ts";

/** Maximum number of faces in one request. */
const MAX_FACES = 1_000;
/** The longest keys in JSON, with escapes. */
const MAX_BYTES = 4 * 2 ** 20;

/** Responds with the keys that were deleted, and those that were not with the reasons; open pages get them as an event. */
export async function deleteFaces(call: Call): Promise<Response> {
  const { request, client, gallery: { deletion, index, feed, log, signal } } = call;
  if (!deletion) {
    return refuse(call, 403, {
      error: "this gallery deletes nothing",
      hint: "start it with --allow delete",
    });
  }
  const chosen = await chosenKeys(request, { max: MAX_FACES, maxBytes: MAX_BYTES });
  if (!("keys" in chosen)) return refuse(call, chosen.status, chosen);
  const result = await deletion.delete(chosen.keys, { signal });
  index.remove(result.deleted);
  feed.flush();
  log?.("faces were deleted", {
    deleted: result.deleted.length,
    failed: result.failed.length || undefined,
    reason: result.failed[0]?.reason,
    from: client.behind ?? client.address,
  });
  return json(result);
}
