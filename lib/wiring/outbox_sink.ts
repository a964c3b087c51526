/** A detector's faces go to a broker and wait in an outbox until each has its receipt. */
import { join } from "node:path";
import { finalizeFace, isProvisional } from "../clock/corrected_times.ts";
import { ConfigError, messageOf, RejectedMessageError } from "../errors.ts";
import { parseReceipts } from "../face/receipt.ts";
import { receiptTopic } from "../face/topics.ts";
import { Courier } from "../outbox/courier.ts";
import { Outbox } from "../outbox/outbox.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { atMost, delay } from "../async/delay.ts";
import { qosOf } from "./bus.ts";
import type { FaceSink } from "./face_sink.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";
import { openBrokerBus, type SinkSettings, type Surroundings, timeWarning } from "./sink_parts.ts";
import { watchedDisk } from "./watched_disk.ts";

/** How long a program that ends waits for the receipts of faces that are in memory only. */
const LAST_RECEIPTS_MS = 5_000;
/** More damaged entries of a state folder than this are not logged one by one. */
const MAX_DAMAGES_TOLD = 20;

export async function outboxSink(
  settings: SinkSettings,
  { log, clock, health }: Surroundings,
): Promise<FaceSink> {
  const folder = stateFolder(settings);
  const outbox = await openOutbox(folder, settings, log, health.component("disk"));
  if (outbox.size > 0) log.info("faces wait in the outbox since last time", { faces: outbox.size });
  const warnOfTime = timeWarning(log, "faces wait in the outbox until the clock is set");
  let corrected = 0;
  const finalize = (bytes: Uint8Array<ArrayBuffer>) => {
    const now = clock.now();
    const final = settleIfFace(bytes, () => finalizeFace(bytes, now));
    if (!final) warnOfTime(now.wallMs);
    else if (final !== bytes && corrected++ === 0) {
      log.info("faces were taken before the clock was set; their times are corrected");
    }
    return final;
  };
  const bus = await openBrokerBus(settings, log, {
    onUp: () => courier.reconnected(),
    onDown: () => courier.disconnected(),
  });
  const courier = new Courier(outbox, {
    send: (bytes) => bus.publish(settings.topic, bytes, { qos: qosOf(settings) }),
    connected: () => bus.connected,
    acknowledged: qosOf(settings) === 1,
    finalize,
    retryMs: settings.retry * 1000,
    maxInFlight: settings.inFlight,
    onUnanswered: (lastedMs) =>
      log.warn("no receipt comes for the faces that were sent; they are kept and sent again", {
        waiting: outbox.size,
        needed: `a saver that hears "${settings.topic}" and sends receipts, or --receipts off`,
        ...sinceMinutes(lastedMs),
      }),
    onAnswered: () => log.info("receipts come again", { waiting: outbox.size }),
    onEvicted: (id, reason) => log.error(`a face was refused for good: ${reason}`, { id }),
  });
  outbox.wasSent = (id) => courier.wasSent(id);
  clock.onChange = () => courier.reconsider();
  const { signal: until, abort: stop } = stopper();
  const receive = async () => {
    for await (
      const { payload } of bus.messages(receiptTopic(settings.topic), { qos: qosOf(settings), signal: until })
    ) {
      await courier.receive(parseReceipts(payload));
    }
  };
  /** Aborted when the outbox fails in a way that is not the disk's: the next face then ends the program. */
  const broken = new AbortController();
  const parts = [courier.run({ signal: until }), receive(), outbox.tend({ signal: until })];
  const running = Promise.all(parts).catch((error) => {
    log.error(`the outbox cannot be used: ${messageOf(error)}`, { folder });
    broken.abort(error);
  });
  /** Its end is not logged: one face that fits does not mean that the next one does. */
  const fullness = new Outage({
    down: (reason, lastedMs) =>
      log.error(reason, { ledger: join(folder, "ledger.jsonl"), ...sinceMinutes(lastedMs) }),
  });

  return {
    get epoch() {
      return outbox.epoch;
    },
    nextSequence: () => outbox.nextSequence(),
    async deliver(face) {
      broken.signal.throwIfAborted();
      const givenUp = outbox.evicted;
      const metadata = face.metadata!;
      const { sequence, epoch } = metadata;
      warnOfTime(metadata.captured);
      if (face.bytes.length > settings.maxFace * 1024) {
        const reason = `larger than --max-face (${face.bytes.length} bytes)`;
        await outbox.reject(face.id, sequence, reason, { epoch });
      } else await outbox.add(face.id, sequence, face.bytes, { provisional: isProvisional(metadata), epoch });
      if (outbox.evicted > givenUp) fullness.failed("faces have to be given up; the ledger says which");
      else fullness.worked();
      courier.wake();
    },
    async drained({ signal }) {
      await courier.drained({ signal: AbortSignal.any([signal, broken.signal]) });
      broken.signal.throwIfAborted();
    },
    count: () => ({
      waiting: outbox.size,
      inMemory: outbox.inMemory || undefined,
      resent: courier.resent,
      corrected,
      givenUp: outbox.evicted,
    }),
    async [Symbol.asyncDispose]() {
      await saveMemory(outbox, log, () => bus.connected);
      stop();
      await running;
      await bus.close();
      await outbox[Symbol.asyncDispose]();
    },
  };
}

async function openOutbox(
  folder: string,
  settings: SinkSettings,
  log: Log,
  disk: Component,
): Promise<Outbox> {
  let damages = 0;
  return await Outbox.open(folder, {
    maxFaces: settings.outboxFaces,
    maxBytes: settings.outboxSize * 2 ** 20,
    memoryFaces: settings.memoryFaces,
    memoryBytes: settings.memorySize * 2 ** 20,
  }, {
    onDamage: ({ name, reason }) => {
      if (damages++ < MAX_DAMAGES_TOLD) {
        log.warn(`"${name}" in the state folder cannot be used and is set aside: ${reason}`, { folder });
      } else if (damages === MAX_DAMAGES_TOLD + 1) {
        log.warn("more of the state folder is set aside; the ledger names every face", { folder });
      }
    },
    onDiskFailure: watchedDisk(folder, { part: disk, log }),
  });
}

/** What is no picture of ours has no time that could be put right. The saver says what is wrong with it. */
function settleIfFace<T>(bytes: Uint8Array<ArrayBuffer>, settle: () => T): T | Uint8Array<ArrayBuffer> {
  try {
    return settle();
  } catch (error) {
    if (error instanceof RejectedMessageError) return bytes;
    throw error;
  }
}

/** Faces that are in memory only end with the program: they get their files, or a last chance of their receipts. */
async function saveMemory(outbox: Outbox, log: Log, isConnected: () => boolean): Promise<void> {
  await outbox.recover();
  const { signal, abort } = stopper();
  const emptied = async () => {
    while (outbox.inMemory > 0 && isConnected() && !signal.aborted) await delay(20, { signal });
  };
  await atMost(LAST_RECEIPTS_MS, emptied());
  abort();
  if (outbox.inMemory === 0) return;
  const numbers = Array.from(outbox.waiting()).filter(({ file }) => file === undefined)
    .map(({ epoch, sequence }) => `${epoch}/${sequence}`);
  log.error("faces were in memory only and end with the program; those that were sent may be stored", {
    faces: numbers.length,
    numbers: numbers.slice(0, 50).join(" "),
  });
}

/** A signal and the function that aborts it. */
function stopper(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** systemd's StateDirectory, or the place the XDG Base Directory Specification gives to state. */
function stateFolder({ state, camera }: SinkSettings): string {
  if (state !== undefined) return state;
  const service = Deno.env.get("STATE_DIRECTORY");
  if (service) return service;
  const home = Deno.env.get("XDG_STATE_HOME") ||
    (Deno.env.get("HOME") && join(Deno.env.get("HOME")!, ".local/state"));
  if (!home) throw new ConfigError("no folder for the outbox is known", "set --state DIR");
  return join(home, "haarlem", camera);
}
