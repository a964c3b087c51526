/**
 * The pictures: `/faces/KEY` and, small, `/thumbs/KEY`. Browsers keep them and ask each time whether they are still right
 * (`no-cache` and an ETag of the bytes): a face that was deleted or replaced disappears everywhere. The type is derived
 * from the bytes, never from the key or the store.
 */
import { messageOf, RejectedMessageError } from "../errors.ts";
import { isJpeg } from "../image/jpeg.ts";
import { isPng } from "../image/png.ts";
import { keyOf, thumbKeyOf } from "./face_address.ts";
import { taggedBy, unlessKept } from "../web/etag.ts";
import { plain, respond } from "../web/responses.ts";
import type { Call } from "./route.ts";

/** `/faces/KEY` */
export function facePicture(call: Call): Promise<Response> {
  return pictureResponse(call, keyOf(call.url.pathname));
}

/** `/thumbs/KEY` */
export function thumbPicture(call: Call): Promise<Response> {
  const { thumbnails } = call.gallery;
  return respondWith(call, thumbKeyOf(call.url.pathname), (key) => thumbnails.thumbnail(key));
}

/** The response with the picture of a face. */
export function pictureResponse(
  call: Pick<Call, "request" | "gallery">,
  key: string | undefined,
): Promise<Response> {
  const { pictures, signal } = call.gallery;
  return respondWith(call, key, (key) => pictures.read(key, { signal }));
}

async function respondWith(
  { request, gallery }: Pick<Call, "request" | "gallery">,
  key: string | undefined,
  read: (key: string) => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Promise<Response> {
  const notFound = () => plain("face not found", 404);
  if (key === undefined) return notFound();
  let bytes;
  const release = gallery.index.queue.hold();
  try {
    bytes = await read(key);
  } catch (error) {
    if (error instanceof RejectedMessageError) return notFound();
    return plain(`cannot read the face: ${messageOf(error)}`, 503);
  } finally {
    release();
  }
  const type = !bytes ? undefined : isPng(bytes) ? "image/png" : isJpeg(bytes) ? "image/jpeg" : undefined;
  if (!bytes || !type) return notFound();
  return unlessKept(request, respond(bytes, { type, headers: taggedBy(bytes) }));
}
