/** Files as users name them: read within limits, and never waited for. */
import { diskMessage } from "../durable_file.ts";
import { FatalError } from "../errors.ts";
import { type FileKind, fileKind, HEAD_BYTES, pictureCodec } from "./file_kind.ts";

/** Maximum size of a picture; a larger one is refused. The largest frame takes 100 MB without compression. */
const MAX_PICTURE_BYTES = 256 * 2 ** 20;

/** What a regular file is. Throws a FatalError when it cannot be read. */
export async function readKind(path: string): Promise<FileKind> {
  const kind = fileKind(await readAtMost(path, HEAD_BYTES));
  return pictureCodec(kind) === "gif" ? fileKind(await readPictureFile(path)) : kind;
}

/** A whole picture. Throws a FatalError when it cannot be read or is too large. */
export async function readPictureFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readAtMost(path, MAX_PICTURE_BYTES + 1);
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw new FatalError(
      `cannot read "${path}": the file is larger than ${
        MAX_PICTURE_BYTES / 2 ** 20
      } MiB, the limit of a picture`,
      "give a smaller picture",
    );
  }
  return bytes;
}

async function readAtMost(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Error("it is no regular file"); // To open a FIFO is to wait for its writer.
    using file = await Deno.open(path);
    const bytes = new Uint8Array(Math.min(size, limit));
    let length = 0;
    for (let read; length < bytes.length && (read = await file.read(bytes.subarray(length)));) length += read;
    return bytes.subarray(0, length);
  } catch (error) {
    throw notReadable(path, error);
  }
}

function notReadable(path: string, error: unknown): FatalError {
  const hint = error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
    ? `let this user read the file: chmod a+r "${path}"`
    : error instanceof Deno.errors.NotFound
    ? "check the path"
    : "check the file";
  return new FatalError(`cannot read "${path}": ${diskMessage(error)}`, hint);
}

/** A file's bytes as they are taken, again and again with `repeat`. */
export function fileStream(path: string, { repeat }: { repeat: boolean }): ReadableStream<Uint8Array> {
  return ReadableStream.from((async function* () {
    do yield* (await Deno.open(path)).readable; while (repeat);
  })());
}
