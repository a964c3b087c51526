/**
 * The notifier behind a real broker and a real saver, with stand-ins for the services: a message for each visit, once
 * its face is stored; nothing twice, nothing old as an alarm, no secret anywhere.
 */
import assert from "node:assert/strict";
import mqtt from "mqtt";
import { writeFace } from "../../lib/face/face_file.ts";
import { formatReceipts } from "../../lib/face/receipt.ts";
import { DEFAULT_TOPIC, receiptTopic } from "../../lib/face/topics.ts";
import { METADATA } from "../../lib/testing/face_metadata.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { stays, until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
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
function faceOf(visit: number, why: "first" | "best" = "first", { agoMs = 0, camera = "front" } = {}) {
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
function everyService(at: string): string[] {
  return [
    ...["--ntfy", `${at}/my-topic`, "--telegram", TELEGRAM_CHAT, "--telegram-api", at, "--gotify", at],
    ...["--pushover", PUSHOVER_USER, "--pushover-api", at],
    ...["--webhook", `${at}/hook`, "--webhook-body", "multipart"],
  ];
}

/** A broker, a publisher and stand-ins. */
class Round implements AsyncDisposable {
  private constructor(
    readonly broker: Mosquitto,
    readonly client: mqtt.MqttClient,
    readonly services: PushServices,
    readonly folder: TempFolder,
  ) {}

  static async start(): Promise<Round> {
    const broker = await Mosquitto.start();
    const client = await mqtt.connectAsync(broker.url);
    return new Round(broker, client, new PushServices(), new TempFolder());
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

const VISIT_EVERYWHERE = ["gotify", "ntfy", "pushover", "telegram sendPhoto", "webhook"];

Deno.test(
  "a visit is sent to every service once the saver has stored its face, and its best picture to those that can",
  needs("mosquitto"),
  async () => {
    await using round = await Round.start();
    await using notifier = await round.notifier(everyService(round.services.url));
    const [first, best] = [faceOf(1), faceOf(1, "best")];
    await round.publish(first);
    await until(() => notifier.stderr !== "", "the notifier runs");
    await stays(() => round.services.requests === 0, "nothing is sent before the receipt", 500);
    const store = round.folder.at("faces");
    await using saver = new RunningProgram("saver", ["--broker", round.broker.url, "--store", store]);
    await saver.printed(/connected to the broker/);
    await round.publish(first); // As the detector resends it.
    assert.deepEqual(await round.taken(5), VISIT_EVERYWHERE);
    const picture = round.services.taken.find(({ service }) => service === "webhook")!.picture;
    assert.deepEqual(picture, first.bytes);
    await round.publish(best, first, best);
    const updates = ["ntfy", "telegram editMessageMedia", "webhook"];
    assert.deepEqual(await round.taken(8), [...VISIT_EVERYWHERE, ...updates].sort());
    const edited = round.services.taken.find(({ method }) => method === "editMessageMedia")!;
    assert.deepEqual(edited.picture, best.bytes);
    await stays(() => round.services.taken.length === 8, "copies are not sent again", 500);
    notifier.signal("SIGTERM");
    const { code, stderr } = await notifier.ended();
    assert.equal(code, 0);
    assert.match(stderr, /done visits=5 updates=3 summaries=0/);
    assert.doesNotMatch(stderr, /geheim/);
  },
);

Deno.test(
  "copies of faces and receipts are no message after kill -9 and a restart",
  needs("mosquitto"),
  async () => {
    await using round = await Round.start();
    const flags = ["--ntfy", `${round.services.url}/my-topic`, "--log-level", "debug"];
    const faces = [faceOf(1), faceOf(2)];
    {
      await using before = await round.notifier(flags);
      await round.publish(...faces);
      await round.receipt(...faces);
      await round.taken(2);
      // The answer has arrived, and what was sent is written.
      await until(() => before.stderr.match(/sent: visit/g)?.length === 2, "both are sent");
      await until(() => round.stateHas(faces), "both are in the state");
      await before.kill();
    }
    await using _ = await round.notifier(flags);
    await round.publish(...faces);
    await round.receipt(...faces);
    const next = faceOf(3);
    await round.publish(next);
    await round.receipt(next);
    await round.taken(3);
    assert.equal(round.services.taken.length, 3);
  },
);

Deno.test(
  "a backlog is one summary, and a service that is away delays neither another one nor what comes after it",
  needs("mosquitto"),
  async () => {
    await using round = await Round.start();
    await using other = new PushServices();
    const away = new PushServices();
    const { url, port } = away;
    await away[Symbol.asyncDispose]();
    const args = [
      "--ntfy",
      `${url}/my-topic`,
      "--gotify",
      other.url,
      "--summary-after",
      "1",
      "--health",
      "127.0.0.1:0",
    ];
    await using notifier = await round.notifier(args);
    const [, health] = await notifier.printed(/health at (\S+)healthz/);
    const old = Array.from(
      { length: 40 },
      (_, visit) =>
        faceOf(visit + 1, "first", { agoMs: 3_600_000, camera: visit % 4 === 0 ? "back" : "front" }),
    );
    await round.publish(...old);
    await round.receipt(...old);
    const live = faceOf(59);
    await round.publish(live);
    await round.receipt(live);
    await until(() => other.taken.length >= 2, "a visit and a summary");
    assert.deepEqual(other.taken.map(({ title }) => title).sort(), ["40 visits", "Visit: front"]);
    assert.match(other.taken.find(({ title }) => title === "40 visits")!.text, /: front 30, back 10$/);
    await notifier.printed(/cannot send: .*refused.* service=ntfy/);
    const ready = await fetch(`${health}readyz`);
    assert.equal(ready.status, 503);
    assert.match((await ready.json()).why, /ntfy: /);
    await using back = new PushServices({ port });
    await until(() => back.taken.length >= 2, "the service that was away has both");
    assert.deepEqual(back.taken.map(({ title }) => title).sort(), ["40 visits", "Visit: front"]);
    await notifier.printed(/sends again/);
  },
);

Deno.test("wrong settings end the notifier, all with what to do and without a secret", async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [[], {}, /no service is set[^]*Try: set --ntfy/],
    [["--telegram", "1"], {}, /its token is not[^]*Try: set HAARLEM_TELEGRAM_TOKEN/],
    [["--ntfy", "https://ntfy.sh/zq1geheim/9vx"], {}, /name of one topic/],
    [[], { HAARLEM_WEBHOOK: "ftp://u:zq1geheim9vx@host/" }, /should be http/],
    [
      ["--ntfy", "https://ntfy.sh/t", "--routes", "front=telegram"],
      {},
      /--routes names "telegram"[^]*Try: set --telegram/,
    ],
    [["--ntfy", "https://ntfy.sh/t", "--quiet", "22-7"], {}, /should be two different times/],
    [
      ["--ntfy", "https://ntfy.sh/t", "--notice-text", "{name}"],
      {},
      /no field[^]*Try: use one of \{camera\}/,
    ],
    [["--ntfy", "https://ntfy.sh/t", "--time-zone", "Mars"], {}, /no time zone "Mars"/],
    [["--gotify", "https://g"], { HAARLEM_GOTIFY_TOKEN: "zq1geheim 9vx\n" }, /other characters than tokens/],
    [["--telegram-token", "zq1geheim9vx"], {}, /HAARLEM_TELEGRAM_TOKEN/],
    [["--command"], { PATH: "/nonexistent" }, /no "haarlem-notify" is on PATH[^]*Try: put an executable/],
  ];
  for (const [args, env, expected] of cases) {
    await using program = new RunningProgram("notifier", args, { env });
    const { code, stderr } = await program.ended();
    assert.equal(code, 78, `${args} ${stderr}`);
    assert.match(stderr, expected, `${args}`);
    assert.doesNotMatch(stderr, /geheim/, `${args}`);
  }
});
