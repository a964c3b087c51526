/**
 * `POST /api/gone`: which of the faces that a page shows the store no longer has. A page asks after a gap of its events,
 * and learns of deletions that no event named.
 */
import { either } from "../async/either.ts";
import { forEachConcurrent } from "../async/for_each_concurrent.ts";
import { messageOf } from "../errors.ts";
import { json } from "../web/responses.ts";
import { chosenKeys } from "./chosen_keys.ts";
import { AFTER_ALL_DAYS, DAY_MS, folderOf, startMs } from "./day_folders.ts";
import { isFaceKey } from "./face_address.ts";
import { type Call, type Gallery, refuse } from "./route.ts";

/** Maximum number of faces in one request. */
const MAX_FACES = 10_000;
const MAX_BODY_BYTES = 16 * 2 ** 20;
/** Maximum number of days that are listed for one request. Faces of further days are asked for one by one. */
const MAX_DAYS = 100;
/** Requests for single faces at the same time. */
const MAX_CONCURRENT = 16;

/** Responds with the keys that the store no longer has, `gone`. Deletions that a later listing shows are events. */
export async function goneFaces(call: Call): Promise<Response> {
  const { request, gallery } = call;
  const chosen = await chosenKeys(request, { max: MAX_FACES, maxBytes: MAX_BODY_BYTES });
  if (!("keys" in chosen)) return refuse(call, chosen.status, chosen);
  const ended = new AbortController();
  const signal = either(request.signal, gallery.signal, ended.signal);
  try {
    const work = async () => {
      const unlisted = await unlistedOf(gallery, chosen.keys, { signal });
      return await missingOf(gallery, unlisted, { signal });
    };
    return json({ gone: await gallery.health.during(work, { signal }) });
  } catch (error) {
    return refuse(call, 503, { error: messageOf(error) });
  } finally {
    ended.abort();
  }
}

/** The keys that the last listings have not shown: deleted, stored since then, or beyond a limit of the index. */
async function unlistedOf(
  { index }: Gallery,
  keys: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<string[]> {
  const folders = new Set<string>();
  for await (const group of (await index.findDays())?.groups({ before: AFTER_ALL_DAYS, signal }) ?? []) {
    for (const folder of group) folders.add(folder);
  }
  await index.refreshUndated();
  const unlisted: string[] = [];
  let listed = 0;
  // One day after the other: few of them are in memory at the same time.
  for (const [folder, ofDay] of Map.groupBy(keys, folderOf)) {
    signal.throwIfAborted();
    const from = folders.has(folder) && listed++ < MAX_DAYS ? startMs(folder) : undefined;
    const [day] = from === undefined ? [] : await index.open({ from, to: from + DAY_MS });
    await day?.listed();
    unlisted.push(...ofDay.filter((key) => !day?.set.get(key) && !index.undated.set.get(key)));
  }
  return unlisted;
}

/** The keys that the store does not have. */
async function missingOf(
  { store }: Gallery,
  keys: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<string[]> {
  const stored = new Set<string>();
  await forEachConcurrent(ReadableStream.from(keys.filter(isFaceKey)), MAX_CONCURRENT, async (key) => {
    signal.throwIfAborted();
    if (await store.size(key, { signal }) !== undefined) stored.add(key);
  });
  return keys.filter((key) => !stored.has(key));
}
