/** Reads the user's files, within limits and without waiting for a writer. */
import { diskMessage } from "../durable_file.ts";
import { FatalError } from "../errors.ts";
import { printable } from "../printable.ts";
import { type FileKind, fileKind, HEAD_BYTES, pictureCodec } from "./file_kind.ts";

/** Limit of a picture file; the largest frame has 100 MB without compression. */
const MAX_PICTURE_BYTES = 256 * 2 ** 20;

/** The kind of a regular file, by its content. Throws a FatalError when it cannot be read. */
export async function readKind(path: string): Promise<FileKind> {
  const kind = fileKind(await readAtMost(path, HEAD_BYTES));
  return pictureCodec(kind) === "gif" ? fileKind(await readPictureFile(path)) : kind;
}

/** The bytes of a picture. Throws a FatalError when the file cannot be read or is larger than 256 MiB. */
export async function readPictureFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const size = await Deno.stat(path).then(({ size }) => size, () => 0); // Reading throws the error.
  if (size > MAX_PICTURE_BYTES) {
    throw new FatalError(
      `cannot read "${printable(path)}": the file is larger than ${
        MAX_PICTURE_BYTES / 2 ** 20
      } MiB, the limit of a picture`,
      "give a smaller picture",
    );
  }
  return await readAtMost(path, MAX_PICTURE_BYTES);
}

async function readAtMost(path: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new Error("it is not a regular file"); // Opening a FIFO waits for its writer.
    using file = await Deno.open(path);
    const bytes = new Uint8Array(Math.min(size, limit));
    let length = 0;
    for (let read; length < bytes.length && (read = await file.read(bytes.subarray(length)));) length += read;
    return bytes.subarray(0, length);
  } catch (error) {
    throw notReadable(path, error);
  }
}

/** The error for a file or folder that cannot be read: the system's reason, and the remedy. */
export function notReadable(path: string, error: unknown): FatalError {
  const name = printable(path);
  return new FatalError(`cannot read "${name}": ${diskMessage(error)}`, remedy(name, error));
}

function remedy(name: string, error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) {
    return `let this user read the file and search its folders: chmod a+r "${name}"`;
  }
  if (error instanceof Deno.errors.NotCapable) return "copy the file to another folder";
  if (error instanceof Deno.errors.NotFound) {
    return name.includes("\ufffd") ? "rename the file: its name should be UTF-8" : "check the path";
  }
  return "check the file, its path and the links in it";
}

/** The bytes of a file; with `repeat` they start again at its end. */
export function fileStream(path: string, { repeat }: { repeat: boolean }): ReadableStream<Uint8Array> {
  return ReadableStream.from((async function* () {
    do yield* (await Deno.open(path)).readable; while (repeat);
  })());
}
