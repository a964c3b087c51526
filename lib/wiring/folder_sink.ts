/** A detector's faces go into a folder. A disk that cannot be written is waited for, as a broker is. */
import type { FaceFile } from "../face/face.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { diskMessage } from "../durable_file.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { delay } from "../async/delay.ts";
import { openFolderStore } from "../store/folder_store.ts";
import { saveFace } from "../store/save_face.ts";
import { StoreError } from "../store/store.ts";
import type { FaceSink } from "./face_sink.ts";
import {
  freshNumbers,
  type SinkSettings,
  type Surroundings,
  timeWarning,
  WITHOUT_DATE,
} from "./sink_parts.ts";

const RETRY_MS = 1_000;

export async function folderSink(
  folder: string,
  settings: SinkSettings,
  { signal, log, health }: Surroundings,
): Promise<FaceSink> {
  const store = openFolderStore(folder);
  await store.check({ signal });
  const template = new KeyTemplate(DEFAULT_KEY);
  const warnOfTime = timeWarning(log, WITHOUT_DATE);
  const part = health.component("folder");
  /** Faces that are not written yet, oldest first: more than one only while the disk fails. */
  const waiting = new Set<FaceFile>();
  let written = 0;
  let lost = 0;
  const loss = new Outage({
    down: (reason, lastedMs) => log.error(reason, { folder, lost, ...sinceMinutes(lastedMs) }),
  });
  const outage = new Outage({
    down: (reason, lastedMs) => {
      const message =
        `cannot write a face into "${folder}": ${reason}; faces are kept in memory, trying again`;
      log.error(message, sinceMinutes(lastedMs));
    },
    up: () => log.info("the folder can be written again", { folder }),
  });
  const stop = new AbortController();

  const works = () => {
    outage.worked();
    loss.worked();
    part.recovered();
  };
  const fails = (error: unknown) => {
    const reason = diskMessage(error instanceof StoreError ? error.cause ?? error : error);
    outage.failed(reason);
    part.waiting(`cannot write into "${folder}": ${reason}`);
  };
  const writeAll = async () => {
    try {
      for (const face of waiting) {
        // A face that is begun is finished, also when the program ends.
        const { signal } = new AbortController();
        await saveFace(store, face, { template, arrivedMs: Date.now(), signal });
        if (waiting.delete(face)) written++;
      }
      works();
    } catch (error) {
      fails(error);
    }
  };
  let turn = Promise.resolve();
  const write = () => turn = turn.then(writeAll);
  const isOverLimit = () => {
    const bytes = Array.from(waiting).reduce((sum, face) => sum + face.bytes.length, 0);
    return waiting.size > settings.memoryFaces || bytes > settings.memorySize * 2 ** 20;
  };
  const giveUpOldest = () => {
    const [oldest] = waiting;
    waiting.delete(oldest);
    lost++;
    loss.failed("too many faces wait for the folder; the oldest are lost");
  };
  const tend = async () => {
    while (!stop.signal.aborted) {
      await delay(RETRY_MS, stop);
      if (waiting.size > 0) await write();
    }
  };
  works();
  const tending = tend();

  return {
    ...freshNumbers(),
    async deliver(face) {
      warnOfTime(face.metadata!.captured);
      waiting.add(face);
      await write();
      // An input that ends can wait; a camera cannot.
      while (isOverLimit() && settings.once && !signal.aborted) await delay(RETRY_MS, { signal });
      while (isOverLimit()) giveUpOldest();
    },
    async drained({ signal }) {
      while (waiting.size > 0 && !signal.aborted) await delay(20, { signal });
    },
    count: () => ({ written, lost: lost || undefined }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await tending;
      if (waiting.size === 0) return;
      await write();
      if (waiting.size > 0) log.error("faces could not be written and are lost", { faces: waiting.size });
    },
  };
}
