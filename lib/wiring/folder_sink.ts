/** Writes each face into a folder. While the disk fails, faces wait in memory, up to a limit, and are retried. */
import { dirname, join } from "node:path";
import { delay } from "../async/delay.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { diskMessage } from "../durable_file.ts";
import type { FaceFile } from "../face/face.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { counter, gauge } from "../health/metric.ts";
import { openFolderStore } from "../store/folder_store.ts";
import { saveFace } from "../store/save_face.ts";
import { type Store, StoreError } from "../store/store.ts";
import { clockWarning, WITHOUT_DATE } from "./clock_warning.ts";
import { ComponentOutage } from "./component_outage.ts";
import { type FaceSink, newNumbers, type SinkContext } from "./face_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";

const RETRY_MS = 1_000;
const DRAIN_CHECK_MS = 20;

type Limits = Pick<SinkSettings, "memoryFaces" | "memorySize" | "once">;

export const FOLDER_METRICS = {
  written: counter("haarlem_faces_written_total", {
    help: "faces written into the folder",
    field: "written",
  }),
  lost: counter("haarlem_faces_lost_total", {
    help: "faces lost because the folder could not be written for too long",
    field: "lost",
    omitsZero: true,
  }),
  waiting: gauge("haarlem_folder_waiting_faces", { help: "faces in memory that are not written yet" }),
};

/** Opens a folder sink. Throws a ConfigError when the folder cannot be made; a disk that cannot be written is retried. */
export async function openFolderSink(
  folder: string,
  limits: Limits,
  context: SinkContext,
): Promise<FaceSink> {
  const store = openFolderStore(folder);
  const fault = await store.check(context).then(() => undefined, (error) => {
    if (error instanceof StoreError) return error;
    throw error;
  });
  return new FolderSink(store, limits, context, fault);
}

class FolderSink implements FaceSink {
  readonly numbers = newNumbers();
  readonly #template = new KeyTemplate(DEFAULT_KEY);
  readonly #checkTime: (time: string) => void;
  readonly #outage: ComponentOutage;
  readonly #eviction: Outage;
  /** Faces that are not written yet, oldest first: more than one only while the disk fails. */
  readonly #waiting = new Set<FaceFile>();
  readonly #stop = new AbortController();
  readonly #retrying: Promise<void>;
  /** Ends when all writes so far have ended: one write runs at a time. */
  #writing: Promise<void> = Promise.resolve();
  /** Whether the disk failed at the start and was not written since. */
  #isUntested = false;
  readonly #metrics;
  /** The folders of the store in which faces were written: one for each day. */
  readonly #folders = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly limits: Limits,
    private readonly context: SinkContext,
    fault: StoreError | undefined,
  ) {
    const { log, health } = context;
    const folder = store.name;
    this.#metrics = health.metrics.add(FOLDER_METRICS, { waiting: () => this.#waiting.size });
    this.#checkTime = clockWarning(log, WITHOUT_DATE);
    this.#outage = new ComponentOutage(health.component("folder"), {
      down: (reason, lastedMs) =>
        log.error(`${reason}; faces are kept in memory; retrying`, sinceMinutes(lastedMs)),
      up: () => log.info("the folder can be written again", { folder }),
    });
    this.#eviction = new Outage({
      down: (reason, lastedMs) =>
        log.error(reason, { folder, lost: this.#metrics.lost.total, ...sinceMinutes(lastedMs) }),
    });
    if (fault) {
      this.#isUntested = true;
      this.#failed(fault);
    } else this.#outage.worked();
    this.#retrying = this.#retry();
  }

  async deliver(face: FaceFile): Promise<void> {
    this.#checkTime(face.metadata!.captured);
    this.#waiting.add(face);
    await this.#write();
    const { signal } = this.context;
    // An input that ends can wait for the disk; a live camera cannot.
    while (this.#isOverLimit() && this.limits.once && !signal.aborted) await delay(RETRY_MS, { signal });
    while (this.#isOverLimit()) this.#evictOldest();
  }

  get place(): string {
    const [only, another] = this.#folders;
    return `in ${
      only === undefined || another !== undefined ? this.store.name : join(this.store.name, only)
    }`;
  }

  async drained({ signal }: { signal: AbortSignal }): Promise<void> {
    while (this.#waiting.size > 0 && !signal.aborted) await delay(DRAIN_CHECK_MS, { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#retrying;
    if (this.#waiting.size > 0) await this.#write();
    const { size: faces } = this.#waiting;
    if (faces > 0) this.context.log.error("cannot write the last faces; they are lost", { faces });
  }

  async #retry(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await delay(RETRY_MS, this.#stop);
      if (this.#waiting.size > 0 || this.#isUntested) await this.#write();
    }
  }

  #write(): Promise<void> {
    return this.#writing = this.#writing.then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    try {
      if (this.#isUntested) await this.store.tryOut(this.#stop);
      this.#isUntested = false;
      for (const face of this.#waiting) {
        // A write that has begun is finished, also when the program is to stop.
        const { signal } = new AbortController();
        const key = await saveFace(this.store, face, {
          template: this.#template,
          arrivedMs: Date.now(),
          signal,
        });
        if (!this.#waiting.delete(face)) continue;
        this.#metrics.written.add();
        if (this.#folders.size < 2) this.#folders.add(dirname(key)); // Two are enough to name the store instead.
      }
      this.#eviction.worked();
      this.#outage.worked();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const reason = diskMessage(error instanceof StoreError ? error.cause ?? error : error);
    this.#outage.failed(`cannot write a face into "${this.store.name}": ${reason}`, reason);
  }

  #isOverLimit(): boolean {
    let bytes = 0;
    for (const face of this.#waiting) bytes += face.bytes.length;
    const { memoryFaces, memorySize } = this.limits;
    return this.#waiting.size > memoryFaces || bytes > memorySize * 2 ** 20;
  }

  #evictOldest(): void {
    const [oldest] = this.#waiting;
    this.#waiting.delete(oldest);
    this.#metrics.lost.add();
    this.#eviction.failed("too many faces in memory; the oldest are lost");
  }
}
