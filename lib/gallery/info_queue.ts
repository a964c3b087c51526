/**
 * Reads the infos of faces: first those that a page waits for, then all others of the open days. Each face is read once,
 * and few at a time.
 */
import { type FaceInfo, readFaceInfo } from "./face_info.ts";
import type { SetFace } from "./face_set.ts";
import type { PictureStore } from "./picture_store.ts";

/** Maximum number of concurrent reads, and of those that no page waits for. */
const MAX_READS = 16;
const MAX_BACKGROUND = 4;
/** After this number of failures a face is shown without info until the program restarts. */
const MAX_FAILURES = 3;
/** Maximum number of faces whose failures are remembered; beyond it all are forgotten. */
const MAX_REMEMBERED = 10_000;

/** Where infos go, and where faces come from. */
export interface InfoQueueOptions {
  readonly onInfo: (face: SetFace, info: FaceInfo) => void;
  /** The object of a face does not exist. */
  readonly onMissing: (face: SetFace) => void;
  /** The object of a face could not be read MAX_FAILURES times. */
  readonly onUnreadable: (face: SetFace) => void;
  /** The next face that no page waits for; undefined when there is none. */
  readonly next: () => SetFace | undefined;
  readonly signal: AbortSignal;
}

interface Job {
  readonly face: SetFace;
  readonly done: () => void;
}

/** Reads infos in order of urgency. */
export class InfoQueue {
  readonly #urgent: Job[] = [];
  readonly #reading = new Map<SetFace, Promise<void>>();
  readonly #failures = new Map<string, number>();
  #background = 0;
  /** Reads that a page waits for, and requests that are being answered. */
  #waited = 0;
  /** Whether only pages may read: until the first `wake`, and after a failure, since the store may be down. */
  #isPaused = true;

  constructor(
    private readonly store: Pick<PictureStore, "part">,
    private readonly options: InfoQueueOptions,
  ) {}

  /** Reads faces before all others. Resolves when each was read or its read has failed. Never rejects. */
  async read(faces: readonly SetFace[]): Promise<void> {
    const unread = faces.filter(({ info }) => info === undefined);
    const done = unread.map((face) =>
      this.#reading.get(face) ?? new Promise<void>((resolve) => this.#urgent.push({ face, done: resolve }))
    );
    this.#waited += done.length;
    this.#start();
    await Promise.all(done);
    this.#waited -= done.length;
    this.#start();
  }

  /** Reads only what pages wait for, until the result is called: a request is being answered. */
  hold(): () => void {
    this.#waited++;
    return () => {
      this.#waited--;
      this.#start();
    };
  }

  /** Continues to read the faces that no page waits for. */
  wake(): void {
    this.#isPaused = false;
    this.#start();
  }

  #start(): void {
    while (!this.options.signal.aborted && this.#reading.size < MAX_READS) {
      const job = this.#urgent.shift();
      if (job) {
        if (job.face.info) job.done();
        else void (this.#reading.get(job.face) ?? this.#begin(job.face)).then(job.done);
        continue;
      }
      if (this.#isPaused || this.#waited > 0 || this.#background >= MAX_BACKGROUND) return;
      const face = this.options.next();
      if (!face) return;
      if (face.info || this.#reading.has(face)) continue;
      this.#background++;
      void this.#begin(face).then(() => {
        this.#background--;
        this.#start();
      });
    }
    if (this.options.signal.aborted) { for (const { done } of this.#urgent.splice(0)) done(); }
  }

  #begin(face: SetFace): Promise<void> {
    const reading = this.#readOne(face).finally(() => {
      this.#reading.delete(face);
      this.#start();
    });
    this.#reading.set(face, reading);
    return reading;
  }

  async #readOne(face: SetFace): Promise<void> {
    const { onInfo, onMissing, onUnreadable, signal } = this.options;
    try {
      const read = await readFaceInfo(this.store, face, { signal });
      if (read) onInfo(face, read.info);
      else onMissing(face);
    } catch {
      // The health of the store is observed by its listings. Here a failure may also be that of one object.
      this.#isPaused = true;
      if (this.#failures.size >= MAX_REMEMBERED) this.#failures.clear();
      const failures = (this.#failures.get(face.key) ?? 0) + 1;
      this.#failures.set(face.key, failures);
      if (failures >= MAX_FAILURES && !signal.aborted) onUnreadable(face);
    }
  }
}
