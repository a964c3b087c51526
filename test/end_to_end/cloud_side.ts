/** A broker, a saver, and a client in place of a board, which publishes faces and collects receipts. */
import type { FaceFile } from "../../lib/face/face.ts";
import { writeFace } from "../../lib/face/face_file.ts";
import { parseReceipts } from "../../lib/face/receipt.ts";
import type { Bus } from "../../lib/bus/bus.ts";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { connected } from "../../lib/testing/test_bus.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";

const TOPIC = "face_detection";

export class CloudSide implements AsyncDisposable {
  saver!: RunningProgram;
  /** The receipt of each face: `stored`, or the reason of its rejection. */
  readonly receipts = new Map<string, string>();
  readonly #heard = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #listening: Promise<void>;

  private constructor(
    readonly broker: Mosquitto,
    private readonly args: readonly string[],
    private readonly env: Record<string, string>,
    readonly bus: Bus,
  ) {
    this.#listening = this.#listen();
  }

  static async start(args: readonly string[], env: Record<string, string> = {}): Promise<CloudSide> {
    const broker = await Mosquitto.start();
    const bus = openMqttBus({
      url: new URL(broker.url),
      clientId: "board",
      statusTopic: "haarlem/x/y/status",
    });
    await connected(bus);
    const side = new CloudSide(broker, args, env, bus);
    await side.startSaver();
    return side;
  }

  async startSaver(more: readonly string[] = []): Promise<void> {
    const args = ["--broker", this.broker.url, ...this.args, ...more];
    this.saver = new RunningProgram("saver", args, { env: this.env });
    await this.saver.printed(/connected to the broker/);
  }

  publish({ bytes }: Pick<FaceFile, "bytes">): Promise<void> {
    return this.bus.publish(TOPIC, bytes, { qos: 1 });
  }

  /** Resolves when there is a receipt for each of the faces. */
  async receipted(faces: readonly FaceFile[], { limitMs = 60_000 } = {}): Promise<void> {
    const untilMs = performance.now() + limitMs;
    const missing = () => faces.filter(({ id }) => !this.receipts.has(id));
    while (missing().length > 0) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) {
        throw new Error(`no receipt for ${missing().length} of ${faces.length} faces\n${this.saver.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#heard.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#heard.clear();
    }
  }

  async #listen(): Promise<void> {
    const messages = this.bus.messages(`${TOPIC}/receipt`, { qos: 1, signal: this.#stop.signal });
    for await (const { payload } of messages) {
      for (const { id, refused } of parseReceipts(payload)) this.receipts.set(id, refused ?? "stored");
      for (const wake of this.#heard) wake();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#listening;
    await Promise.all([this.bus.close(), this.saver.kill()]);
    await this.broker[Symbol.asyncDispose]();
  }
}

let sequence = 0;

/** A face as a detector writes it, unlike any other one; `noise` does not compress. */
export function makeFace(
  { camera = "door", captured = "2026-01-31T12:00:00.000Z", side = 2, noise = false } = {},
): FaceFile {
  sequence++;
  let random = sequence;
  const next = () => (random = random * 48271 % 0x7fffffff) & 255;
  const rgb = new Uint8Array(side * side * 3).map(() => noise ? next() : sequence);
  const box = { x: 0, y: 0, width: side, height: side };
  return writeFace({ width: side, height: side, rgb }, {
    camera,
    device: "board",
    captured,
    epoch: "e1",
    sequence,
    box,
    crop: box,
    frame: { width: 640, height: 480 },
    cascade: "c.xml",
    settings: {},
  });
}
