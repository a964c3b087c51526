/** `POST /api/zip`: faces as one archive, streamed with one face in memory at a time. */
import { makeZip } from "client-zip";
import { forEachConcurrent } from "../async/for_each_concurrent.ts";
import { messageOf } from "../errors.ts";
import { chosenKeys } from "./chosen_keys.ts";
import { isFaceKey } from "./face_address.ts";
import { respond } from "../web/responses.ts";
import { type Call, type Gallery, refuse } from "./route.ts";
import { MAX_FACE_BYTES, timeInKey } from "./shown_face.ts";
import { ZipNames } from "./zip_name.ts";

/** Maximum number of faces in one archive: a zip file without extensions has at most 65,535 entries. */
const MAX_FACES = 10_000;
const MAX_BODY_BYTES = 16 * 2 ** 20;
/** A zip file without extensions is smaller. 64 MiB are left for names and the directory. */
const MAX_PICTURES_BYTES = 2 ** 32 - 2 ** 26;
/** Requests for sizes at the same time. */
const MAX_CONCURRENT = 16;
/** The entry that names the faces that could not be read. */
const MISSING_NAME = "not-included.txt";

/**
 * Responds with the archive. Faces that disappear meanwhile are named in it; a store that fails ends the download. So does
 * an archive that becomes too large: by `?checked`, which the page adds after a first request, sizes are not read again.
 */
export async function zipFaces(call: Call): Promise<Response> {
  const { request, url, gallery } = call;
  const chosen = await chosenKeys(request, { max: MAX_FACES, maxBytes: MAX_BODY_BYTES });
  if (!("keys" in chosen)) return refuse(call, chosen.status, chosen);
  const keys = chosen.keys.filter(isFaceKey);
  if (keys.length === 0) return refuse(call, 400, { error: "the request names no face" });
  const files = entries(keys, gallery);
  let first;
  try {
    if (!url.searchParams.has("checked") && await isTooLarge(keys, gallery)) {
      return refuse(call, 413, {
        error: "these faces are larger than 4 GiB together",
        hint: "use fewer faces",
      });
    }
    // Later than this, a store that does not answer only ends the download.
    first = await files.next();
  } catch (error) {
    return refuse(call, 503, { error: `cannot read the faces: ${messageOf(error)}` });
  }
  const name = `faces-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.zip`;
  return respond(cancellable(makeZip(continued(first, files))), {
    type: "application/zip",
    headers: { "Content-Disposition": `attachment; filename="${name}"` },
  });
}

/** A sequence whose first result was taken. */
async function* continued<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (!first.done) yield first.value;
  yield* rest;
}

/** The same stream. The library's own one rejects when a browser cancels the download. */
function cancellable(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason).catch(() => {}),
  }, { highWaterMark: 0 });
}

/** Whether the faces exceed a zip file. Few faces cannot, so that nobody waits for their sizes. */
async function isTooLarge(keys: readonly string[], { store, signal }: Gallery): Promise<boolean> {
  if (keys.length * MAX_FACE_BYTES <= MAX_PICTURES_BYTES) return false;
  let total = 0;
  const items = async function* () {
    yield* keys;
  };
  await forEachConcurrent(items(), MAX_CONCURRENT, async (key) => {
    total += Math.min(MAX_FACE_BYTES, await store.size(key, { signal }) ?? 0);
  });
  return total > MAX_PICTURES_BYTES;
}

/** The entries of the archive, each read when the previous one was sent. */
async function* entries(keys: readonly string[], { pictures, signal }: Gallery) {
  const names = new ZipNames();
  names.nameOf(MISSING_NAME);
  const missing: string[] = [];
  let total = 0;
  for (const key of keys) {
    const bytes = await pictures.read(key, { signal }).catch((error) => {
      if ((error as Error).name === "RejectedMessageError") return undefined;
      throw error;
    });
    if (!bytes) {
      missing.push(key);
      continue;
    }
    total += bytes.length;
    // A face that was replaced meanwhile: the browser reports that the download failed.
    if (total > MAX_PICTURES_BYTES) throw new Error("the faces are larger than 4 GiB together");
    yield { name: names.nameOf(key), input: bytes, lastModified: dateOf(key) };
  }
  if (missing.length === 0) return;
  const text = `These faces were not there any more, or were too large:\r\n${missing.join("\r\n")}\r\n`;
  yield { name: MISSING_NAME, input: text, lastModified: new Date() };
}

/** The capture time in the key. A zip file has no times before 1980. */
function dateOf(key: string): Date {
  return new Date(Math.max(timeInKey(key) ?? Date.now(), Date.UTC(1980, 0, 2)));
}
