/** The contract of a face sink, on each of the three. */
import assert from "node:assert/strict";
import type { Bus, Message } from "../bus/bus.ts";
import { MessageQueue } from "../bus/message_queue.ts";
import type { FaceFile } from "../face/face.ts";
import { identity, readFace, writeFace } from "../face/face_file.ts";
import { formatReceipts } from "../face/receipt.ts";
import { receiptTopic } from "../face/topics.ts";
import { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { until } from "../testing/until.ts";
import type { FaceNumbers, FaceSink, SinkContext } from "./face_sink.ts";
import { openFolderSink } from "./folder_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";
import { openOutboxSink } from "./outbox_sink.ts";
import { openPlainSink } from "./plain_sink.ts";

const TOPIC = "face_detection";
const quiet = () => {};
const LOG: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A bus in memory, with a saver at its other end. */
class SaverBus implements Bus {
  connected = true;
  isClosed = false;
  /** Sequences of the faces that arrived. */
  readonly arrived: number[] = [];
  onUp: () => void = quiet;
  readonly #receipts: MessageQueue;

  constructor(signal: AbortSignal) {
    this.#receipts = new MessageQueue({ qos: 1, signal });
  }

  async publish(_topic: string, payload: Uint8Array): Promise<void> {
    if (!this.connected) throw new Error("not connected");
    const bytes = payload.slice();
    this.arrived.push(readFace(bytes).metadata!.sequence!);
    const receipt = formatReceipts([{ id: identity(bytes) }]);
    const message = { topic: receiptTopic(TOPIC), payload: new Uint8Array(receipt), isRetained: false };
    this.#receipts.push(message satisfies Message);
  }

  async *messages(_topic: string, { signal }: { signal: AbortSignal }): AsyncGenerator<Message> {
    const ended = Promise.withResolvers<undefined>();
    signal.addEventListener("abort", () => ended.resolve(undefined));
    const receipts = this.#receipts.take();
    for (;;) {
      const next = await Promise.race([receipts.next(), ended.promise]);
      if (!next || next.done) return;
      yield next.value;
    }
  }

  ready = () => Promise.resolve();

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** A sink with its destination in a temporary folder or in memory. */
class Case implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly #stop = new AbortController();
  readonly health = new Health();
  readonly bus = new SaverBus(this.#stop.signal);

  constructor(
    readonly sink: (settings: SinkSettings, context: SinkContext, folder: string) => Promise<FaceSink>,
  ) {}

  open(): Promise<FaceSink> {
    const now = () => ({
      wallMs: Date.now(),
      synchronised: "yes" as const,
      bootId: "boot",
      monotonicMs: performance.now(),
      settling: false,
    });
    return this.sink(
      {
        topic: TOPIC,
        qos: "1",
        state: `${this.folder}/state`,
        outboxFaces: 100,
        outboxSize: 100,
        memoryFaces: 100,
        memorySize: 100,
        maxFace: 1000,
        retry: 600,
        inFlight: 16,
        once: false,
        camera: "front",
      } as SinkSettings,
      {
        signal: this.#stop.signal,
        log: LOG,
        clock: { now, onChange: quiet },
        health: this.health,
        openBus: async ({ onUp = quiet } = {}) => {
          this.bus.onUp = onUp;
          return this.bus;
        },
      },
      `${this.folder}/faces`,
    );
  }

  /** Sequences of the delivered faces, in order. */
  delivered(): number[] {
    const inFolder = [];
    for (const day of readDir(`${this.folder}/faces`)) {
      for (const name of readDir(day)) {
        inFolder.push(readFace(Deno.readFileSync(name)).metadata!.sequence!);
      }
    }
    return [...this.bus.arrived, ...inFolder].sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function readDir(path: string): string[] {
  try {
    return Array.from(Deno.readDirSync(path), ({ name }) => `${path}/${name}`);
  } catch {
    return [];
  }
}

function nextFace(numbers: FaceNumbers): FaceFile {
  const sequence = numbers.nextSequence();
  const area = { x: 0, y: 0, width: 2, height: 1 };
  return writeFace({ width: 2, height: 1, rgb: new Uint8Array(6).fill(sequence) }, {
    camera: "front",
    device: "board",
    captured: new Date().toISOString(),
    epoch: numbers.epoch,
    sequence,
    box: area,
    crop: area,
    frame: { width: 2, height: 1 },
    score: 1,
    sharpness: 1,
    cascade: "test.xml",
    settings: {},
  });
}

const SINKS: Record<string, Case["sink"]> = {
  outbox: openOutboxSink,
  plain: openPlainSink,
  folder: (settings, context, folder) => openFolderSink(folder, settings, context),
};

for (const [name, open] of Object.entries(SINKS)) {
  Deno.test(`${name} sink: numbers count from 1 within one epoch`, async () => {
    await using place = new Case(open);
    await using sink = await place.open();
    const { numbers } = sink;
    const { epoch } = numbers;
    assert.match(epoch, /^[0-9a-f]{16}$/);
    assert.deepEqual([1, 2, 3].map(() => numbers.nextSequence()), [1, 2, 3]);
    assert.equal(numbers.epoch, epoch);
  });

  Deno.test(`${name} sink: once drained, it has delivered each face once`, async () => {
    await using place = new Case(open);
    await using sink = await place.open();
    for (let count = 0; count < 5; count++) await sink.deliver(nextFace(sink.numbers));
    await sink.drained(new AbortController());
    assert.deepEqual(place.delivered(), [1, 2, 3, 4, 5]);
    assert.ok(Object.values(place.health.done).includes(name === "outbox" ? 0 : 5));
  });

  Deno.test(`${name} sink: drained() resolves on abort, and at once when no face waits`, async () => {
    await using place = new Case(open);
    await using sink = await place.open();
    await sink.drained(new AbortController());
    place.bus.connected = false;
    await sink.deliver(nextFace(sink.numbers));
    await sink.drained({ signal: AbortSignal.abort() });
  });

  Deno.test(`${name} sink: disposal closes its connection`, async () => {
    await using place = new Case(open);
    {
      await using _sink = await place.open();
    }
    assert.equal(place.bus.isClosed, name !== "folder");
  });
}

Deno.test("outbox sink: faces from before a lost connection arrive when the broker is back", async () => {
  await using place = new Case(openOutboxSink);
  await using sink = await place.open();
  place.bus.connected = false;
  for (let count = 0; count < 3; count++) await sink.deliver(nextFace(sink.numbers));
  assert.deepEqual(place.delivered(), []);
  place.bus.connected = true;
  place.bus.onUp();
  await sink.drained(new AbortController());
  assert.deepEqual(place.delivered(), [1, 2, 3]);
});

Deno.test("outbox sink: faces of an earlier run are delivered", async () => {
  await using place = new Case(openOutboxSink);
  {
    await using sink = await place.open();
    place.bus.connected = false;
    await sink.deliver(nextFace(sink.numbers));
  }
  place.bus.connected = true;
  await using sink = await place.open();
  await sink.drained(new AbortController());
  assert.deepEqual(place.delivered(), [1]);
});

Deno.test("plain sink: a face that the broker does not take is lost, and counted", async () => {
  await using place = new Case(openPlainSink);
  await using sink = await place.open();
  place.bus.connected = false;
  await sink.deliver(nextFace(sink.numbers));
  place.bus.connected = true;
  await sink.deliver(nextFace(sink.numbers));
  assert.deepEqual(place.health.done, { sent: 1, lost: 1 });
});

Deno.test("folder sink: beyond the limit of the faces in memory the oldest is lost", async () => {
  await using place = new Case((settings, context, folder) =>
    openFolderSink(folder, { ...settings, memoryFaces: 2 }, context)
  );
  await using sink = await place.open();
  await Deno.remove(`${place.folder}/faces`);
  await Deno.writeTextFile(`${place.folder}/faces`, "a file in the place of the folder");
  for (let count = 0; count < 3; count++) await sink.deliver(nextFace(sink.numbers));
  assert.deepEqual(place.health.done, { written: 0, lost: 1 });
  await Deno.remove(`${place.folder}/faces`);
  await Deno.mkdir(`${place.folder}/faces`);
  await sink.deliver(nextFace(sink.numbers));
  assert.deepEqual(place.delivered(), [2, 3, 4]);
});

Deno.test("folder sink: a disk that fails at the start is retried, also without faces", async () => {
  await using place = new Case(SINKS.folder);
  const { open } = Deno;
  Deno.open = () => Promise.reject(new Deno.errors.PermissionDenied("Permission denied (os error 13)"));
  try {
    await using _sink = await place.open();
    assert.match(place.health.notReady!, /^folder: cannot write .*: Permission denied \(os error 13\)$/);
    Deno.open = open;
    await until(() => place.health.notReady === undefined, "the folder works");
  } finally {
    Deno.open = open;
  }
});
