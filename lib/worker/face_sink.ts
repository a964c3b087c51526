/** Where a detector's faces go: to a broker with an outbox, to a broker without one, or to a folder. */
import { join } from "node:path";
import type { BoardClock } from "../clock/board_clock.ts";
import { settleFace } from "../clock/settle_face.ts";
import { isUnsettled } from "../clock/settled_times.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { FaceFile } from "../face/face.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { isPossible } from "../face/possible_time.ts";
import { parseReceipts } from "../face/receipt.ts";
import { receiptTopic } from "../face/topics.ts";
import { Courier } from "../outbox/courier.ts";
import { Outbox } from "../outbox/outbox.ts";
import { openFolderStore } from "../store/folder_store.ts";
import { saveFace } from "../store/save_face.ts";
import { type BUS_SETTINGS, openBus, qosOf } from "./bus_settings.ts";
import type { Facts, Log } from "./log.ts";
import { number, onOff, text, type Values } from "./settings.ts";

/** How faces are handed over. */
export const SINK_SETTINGS = {
  receipts: onOff({
    help: "keep each face until the saver has said that it is stored; off: publish once, as in the homework",
    fallback: "on",
  }),
  state: text({
    help: "folder of the outbox; by default the service's state folder, or ~/.local/state/haarlem/CAMERA",
    placeholder: "DIR",
  }),
  out: text({ help: "write faces into this folder instead of publishing them", placeholder: "DIR" }),
  outboxFaces: number({
    help: "faces that may wait; then the oldest gives way",
    min: 1,
    max: 10_000_000,
    fallback: "20000",
  }),
  outboxSize: number({
    help: "what they may take on the disk",
    min: 1,
    max: 1_000_000,
    unit: "MiB",
    fallback: "1024",
  }),
  maxFace: number({
    help: "scale a larger face down until it fits (AWS IoT Core takes 128 KiB)",
    min: 4,
    max: 262_144,
    unit: "KiB",
    fallback: "8192",
  }),
  retry: number({
    help: "a face without a receipt is sent again after so long, then after twice as long, up to 60 s",
    min: 0.1,
    max: 60,
    fraction: true,
    unit: "seconds",
    fallback: "5",
  }),
  inFlight: number({ help: "faces on their way without a receipt", min: 1, max: 10_000, fallback: "16" }),
};

/** Takes faces. */
export interface FaceSink extends AsyncDisposable {
  /** Names the faces together with the sequence. */
  readonly epoch: string;
  nextSequence(): number;
  /** Resolves when the face is safe (outbox, folder) or, without an outbox, sent. Never throws for a lost broker. */
  deliver(face: FaceFile): Promise<void>;
  /** Resolves when nothing is left to do, or on abort. */
  drained(options: { signal: AbortSignal }): Promise<void>;
  /** What became of the faces. */
  count(): Facts;
}

type SinkSettings = Values<typeof SINK_SETTINGS & typeof BUS_SETTINGS> & {
  readonly broker: string;
  readonly brokerCa?: string;
  readonly camera: string;
};

interface Surroundings {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly clock: BoardClock;
}

/** Opens the sink that the settings ask for. */
export async function openFaceSink(settings: SinkSettings, around: Surroundings): Promise<FaceSink> {
  if (settings.out !== undefined) return await folderSink(settings.out, around);
  return settings.receipts ? await outboxSink(settings, around) : await plainSink(settings, around);
}

async function outboxSink(settings: SinkSettings, { signal, log, clock }: Surroundings): Promise<FaceSink> {
  const folder = stateFolder(settings);
  const outbox = await Outbox.open(folder, {
    maxFaces: settings.outboxFaces,
    maxBytes: settings.outboxSize * 2 ** 20,
  });
  if (outbox.size > 0) log.info("faces wait in the outbox since last time", { faces: outbox.size });
  const warnOfTime = timeWarning(log, "faces wait in the outbox until the clock is set");
  let corrected = 0;
  const settle = (bytes: Uint8Array<ArrayBuffer>) => {
    const now = clock.now();
    const final = settleFace(bytes, now);
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
    settle,
    retryMs: settings.retry * 1000,
    maxInFlight: settings.inFlight,
    onUnanswered: () =>
      log.warn("no receipt comes for the faces that were sent; they are kept and sent again", {
        waiting: outbox.size,
        needed: `a saver that hears "${settings.topic}" and sends receipts, or --receipts off`,
      }),
    onAnswered: () => log.info("receipts come again", { waiting: outbox.size }),
    onRefused: (id, reason) => log.error(`a face was refused for good: ${reason}`, { id }),
  });
  clock.onChange = () => courier.reconsider();
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const receive = async () => {
    for await (
      const { payload } of bus.messages(receiptTopic(settings.topic), { qos: qosOf(settings), signal: until })
    ) {
      await courier.receive(parseReceipts(payload));
    }
  };
  /** Aborted when the disk can no longer be written, say: the next face then ends the program. */
  const broken = new AbortController();
  const running = Promise.all([courier.run({ signal: until }), receive()]).catch((error) => {
    log.error(`the outbox cannot be used: ${messageOf(error)}`, { folder });
    broken.abort(error);
  });
  let fullSaid = false;

  return {
    epoch: outbox.epoch,
    nextSequence: () => outbox.nextSequence(),
    async deliver(face) {
      broken.signal.throwIfAborted();
      const givenUp = outbox.givenUp;
      const facts = face.facts!;
      const { sequence } = facts;
      warnOfTime(facts.captured);
      if (face.bytes.length > settings.maxFace * 1024) {
        await outbox.refuse(face.id, sequence, `larger than --max-face (${face.bytes.length} bytes)`);
      } else await outbox.add(face.id, sequence, face.bytes, { unsettled: isUnsettled(facts) });
      if (outbox.givenUp > givenUp && !fullSaid) {
        log.error("faces have to be given up; the ledger says which", {
          ledger: join(folder, "ledger.jsonl"),
        });
      }
      fullSaid = outbox.givenUp > givenUp;
      courier.wake();
    },
    async drained({ signal }) {
      await courier.drained({ signal: AbortSignal.any([signal, broken.signal]) });
      broken.signal.throwIfAborted();
    },
    count: () => ({ waiting: outbox.size, resent: courier.resent, corrected, givenUp: outbox.givenUp }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await bus.close();
      await outbox[Symbol.asyncDispose]();
    },
  };
}

/** The homework's way: what the broker does not take is gone, and counted. */
async function plainSink(settings: SinkSettings, { signal, log }: Surroundings): Promise<FaceSink> {
  const bus = await openBrokerBus(settings, log);
  await bus.ready({ signal }).catch(() => {}); // Told to stop before there was a broker.
  let sent = 0;
  let lost = 0;
  const warnOfTime = timeWarning(log, WITHOUT_DATE);
  return {
    ...freshNumbers(),
    async deliver(face) {
      warnOfTime(face.facts!.captured);
      try {
        await bus.publish(settings.topic, face.bytes, { qos: qosOf(settings) });
        sent++;
      } catch {
        lost++;
      }
    },
    drained: () => Promise.resolve(),
    count: () => ({ sent, lost }),
    [Symbol.asyncDispose]: () => bus.close(),
  };
}

async function folderSink(folder: string, { signal, log }: Surroundings): Promise<FaceSink> {
  const store = openFolderStore(folder);
  await store.check({ signal });
  const template = new KeyTemplate(DEFAULT_KEY);
  let written = 0;
  const warnOfTime = timeWarning(log, WITHOUT_DATE);
  return {
    ...freshNumbers(),
    async deliver(face) {
      warnOfTime(face.facts!.captured);
      await saveFace(store, face, { template, arrivedMs: Date.now(), signal });
      written++;
    },
    drained: () => Promise.resolve(),
    count: () => ({ written }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const WITHOUT_DATE = "faces are stored without a date";

/** Warns once of a clock that shows a time that cannot be. */
function timeWarning(log: Log, consequence: string): (time: string | number) => void {
  let said = false;
  return (time) => {
    if (said || isPossible(time)) return;
    said = true;
    log.warn(`the board's clock was never set; ${consequence}`, {
      clock: new Date(time).toISOString(),
      needed: "a time server: sudo timedatectl set-ntp true",
    });
  };
}

/** Without a state folder every start is an epoch of its own. */
function freshNumbers(): { epoch: string; nextSequence(): number } {
  let sequence = 0;
  return { epoch: crypto.randomUUID().replaceAll("-", "").slice(0, 16), nextSequence: () => ++sequence };
}

function openBrokerBus(
  settings: SinkSettings,
  log: Log,
  changes: { readonly onUp?: () => void; readonly onDown?: () => void } = {},
) {
  const worker = `detector-${settings.camera}`;
  return openBus({
    role: "broker",
    address: settings.broker,
    ca: settings.brokerCa,
    settings,
    worker,
    log,
    ...changes,
  });
}

/** systemd's StateDirectory, or the place the XDG Base Directory Specification gives to state. */
function stateFolder({ state, camera }: SinkSettings): string {
  if (state !== undefined) return state;
  const service = Deno.env.get("STATE_DIRECTORY");
  if (service) return service;
  const home = Deno.env.get("XDG_STATE_HOME") ||
    (Deno.env.get("HOME") && join(Deno.env.get("HOME")!, ".local/state"));
  if (!home) throw new UsageError("no folder for the outbox is known", "--state DIR");
  return join(home, "haarlem", camera);
}
