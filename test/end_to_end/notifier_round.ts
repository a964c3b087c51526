/** A real broker, stand-ins for push services, and notifiers beside them. For tests. */
import mqtt from "mqtt";
import { writeFace } from "../../lib/face/face_file.ts";
import { formatReceipts } from "../../lib/face/receipt.ts";
import { DEFAULT_TOPIC, receiptTopic } from "../../lib/face/topics.ts";
import { METADATA } from "../../lib/testing/face_metadata.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { PUSHOVER_USER, PushServices, SECRETS, TELEGRAM_CHAT } from "../servers/push_services.ts";
import { RunningProgram } from "../servers/run_program.ts";

const PICTURE = { width: 40, height: 30, rgb: new Uint8Array(3600).fill(90) };
const RUN = crypto.randomUUID().slice(0, 8);
const ENV = {
  HAARLEM_NTFY_TOKEN: SECRETS.ntfy,
  HAARLEM_TELEGRAM_TOKEN: SECRETS.telegram,
  HAARLEM_GOTIFY_TOKEN: SECRETS.gotify,
  HAARLEM_PUSHOVER_TOKEN: SECRETS.pushover,
  HAARLEM_WEBHOOK_SECRET: SECRETS.webhook,
};

/** A face of a visit that was captured `agoMs` ago. */
export function faceOf(visit: number, why: "first" | "best" = "first", { agoMs = 0, camera = "front" } = {}) {
  const captured = new Date(Date.now() - agoMs).toISOString();
  const began = `2026-11-26T00:00:${String(visit % 60).padStart(2, "0")}.000Z`;
  return writeFace(PICTURE, {
    ...METADATA,
    clock: { ...METADATA.clock!, synchronised: "yes" },
    ...{ camera, captured, epoch: RUN, sequence: visit * 2 + (why === "best" ? 1 : 0), score: 0.7 },
    visit: { number: visit, detections: 2, began, last: captured, why },
  });
}

/** The flags of every service. */
export function everyService(at: string): string[] {
  return [
    ...["--ntfy", `${at}/my-topic`, "--telegram", TELEGRAM_CHAT, "--telegram-api", at, "--gotify", at],
    ...["--pushover", PUSHOVER_USER, "--pushover-api", at],
    ...["--webhook", `${at}/hook`, "--webhook-body", "multipart"],
  ];
}

/** A broker, a publisher and stand-ins. */
export class NotifierRound implements AsyncDisposable {
  private constructor(
    readonly broker: Mosquitto,
    readonly client: mqtt.MqttClient,
    readonly services: PushServices,
    readonly folder: TempFolder,
  ) {}

  static async start(): Promise<NotifierRound> {
    const broker = await Mosquitto.start();
    const client = await mqtt.connectAsync(broker.url);
    return new NotifierRound(broker, client, new PushServices(), new TempFolder());
  }

  /** Starts a notifier, and waits until it has its subscriptions. */
  async notifier(
    args: string[],
    { env = ENV }: { env?: Record<string, string> } = {},
  ): Promise<RunningProgram> {
    const state = ["--state", this.folder.at("state")];
    const program = new RunningProgram("notifier", ["--broker", this.broker.url, ...state, ...args], { env });
    await program.printed(/connected to the broker/);
    return program;
  }

  async publish(...faces: ReturnType<typeof faceOf>[]): Promise<void> {
    for (const { bytes } of faces) await this.client.publishAsync(DEFAULT_TOPIC, bytes as never, { qos: 1 });
  }

  async receipt(...faces: ReturnType<typeof faceOf>[]): Promise<void> {
    const payload = formatReceipts(faces.map(({ id }) => ({ id }))) as never;
    await this.client.publishAsync(receiptTopic(DEFAULT_TOPIC), payload, { qos: 1 });
  }

  /** Resolves with the services of all messages, sorted, when this number has arrived. */
  async taken(count: number): Promise<string[]> {
    await until(() => this.services.taken.length >= count, `${count} messages: ${JSON.stringify(this.said)}`);
    return this.said;
  }

  get said(): string[] {
    return this.services.taken.map(({ service, method }) => method ? `${service} ${method}` : service).sort();
  }

  /** Whether the state file has the identities of all faces. */
  async stateHas(faces: ReturnType<typeof faceOf>[]): Promise<boolean> {
    const text = await Deno.readTextFile(this.folder.at("state/notified.json")).catch(() => "");
    return faces.every(({ id }) => text.includes(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true);
    await this.services[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
