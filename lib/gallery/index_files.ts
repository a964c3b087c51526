/**
 * The index on disk: a file of lines for the faces of each UTC day, `2026-01-31.jsonl`, and `undated.jsonl`. It is a
 * cache: the gallery reads a face that it lacks from the store, ignores a line whose object has changed, and works the
 * same when the folder is deleted.
 */
import { delay } from "../async/delay.ts";
import type { CacheFolder } from "./cache_folder.ts";
import type { FaceInfo } from "./face_info.ts";
import { isSameObject, type KnownFace } from "./face_set.ts";
import { formatLine, type IndexedFace, parseLine } from "./index_line.ts";

/** Lines are written this long after the first one of them, or when they are many. */
const FLUSH_MS = 2_000;
const MANY_LINES = 500;
/** Maximum number of lines of one file that are read. */
const MAX_LINES = 300_000;
/** A line is not longer, in characters. */
const MAX_LINE = 16 * 1024;
/** A file is replaced when it has at least this many lines that are not used, and they are more than half of all. */
const MIN_UNUSED = 200;

/** The lines of one file, until the listing of its day has ended. */
export class LoadedLines {
  #used = 0;

  constructor(private readonly lines: Map<string, IndexedFace>, private readonly read: number) {}

  /** The info of a face; undefined when the index lacks it, or when the object is another one than then. */
  infoOf(face: KnownFace): FaceInfo | undefined {
    const line = this.lines.get(face.key);
    if (!line || !isSameObject(line, face)) return undefined;
    this.#used++;
    return line.info;
  }

  /** Whether most lines are of objects that are gone or were written again. */
  get isMostlyUnused(): boolean {
    const unused = this.read - this.#used;
    return unused >= MIN_UNUSED && unused > this.#used;
  }
}

/** Reads and writes the files of the index. */
export class IndexFiles {
  readonly #pending = new Map<string, string[]>();
  #lines = 0;
  #writing: Promise<void> = Promise.resolve();
  readonly #closed = new AbortController();

  constructor(
    private readonly folder: CacheFolder,
    private readonly clock: { readonly delay: typeof delay } = { delay },
  ) {}

  /** Reads the file of a day, or of all undated faces. */
  async load(name: string): Promise<LoadedLines> {
    const lines = new Map<string, IndexedFace>();
    let read = 0;
    try {
      const file = await this.folder.stream(fileOf(name));
      let rest = "";
      // Not a stream of lines, which takes longer than parsing them.
      for await (const text of file?.pipeThrough(new TextDecoderStream()) ?? []) {
        const texts = (rest + text).split("\n");
        rest = texts.pop()!;
        for (const text of texts) {
          const line = parseLine(text);
          if (line) lines.set(line.key, line);
        }
        read += texts.length;
        if (read > MAX_LINES || rest.length > MAX_LINE) break;
      }
    } catch {
      // A disk that fails: what is missing is read from the store.
    }
    return new LoadedLines(lines, read);
  }

  /** Adds a face to the file of its day, soon. */
  add(name: string, face: KnownFace): void {
    if (face.info === undefined || Number.isNaN(face.bytes)) return;
    if (this.#lines === 0) void this.#flushLater();
    const lines = this.#pending.get(name) ?? [];
    this.#pending.set(name, lines);
    lines.push(lineOf(face));
    if (++this.#lines >= MANY_LINES) void this.flush();
  }

  /** Replaces the file of a day. */
  async rewrite(name: string, faces: Iterable<KnownFace>): Promise<void> {
    // Lines of these faces, or of faces that were deleted since.
    this.#lines -= this.#pending.get(name)?.length ?? 0;
    this.#pending.delete(name);
    const lines = Array.from(faces).filter(({ info, bytes }) => info && !Number.isNaN(bytes)).map(lineOf);
    await this.#write(() => this.folder.write(fileOf(name), encoded(lines)));
  }

  /** Writes the lines that were added. */
  async flush(): Promise<void> {
    const pending = [...this.#pending];
    this.#pending.clear();
    this.#lines = 0;
    await this.#write(async () => {
      for (const [name, lines] of pending) await this.folder.append(fileOf(name), encoded(lines));
    });
  }

  /** Writes the last lines. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.flush();
  }

  async #flushLater(): Promise<void> {
    await this.clock.delay(FLUSH_MS, this.#closed);
    if (!this.#closed.signal.aborted) await this.flush();
  }

  #write(work: () => Promise<void>): Promise<void> {
    return this.#writing = this.#writing.then(work);
  }
}

function lineOf({ key, bytes, writtenMs, info }: KnownFace): string {
  return formatLine({ key, bytes, writtenMs, info: info! });
}

function encoded(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.join(""));
}

function fileOf(name: string): string {
  return `${name}.jsonl`;
}
