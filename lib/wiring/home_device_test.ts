/** A detector as a device of Home Assistant, on a bus in memory and with a time that passes by its waits. */
import assert from "node:assert/strict";
import type { Bus, Message, StreamOptions } from "../bus/bus.ts";
import { MessageQueue } from "../bus/message_queue.ts";
import { matchesFilter } from "../bus/topic_filter.ts";
import { writeFace } from "../face/face_file.ts";
import { Health } from "../health/health.ts";
import { BIRTH_TOPIC } from "../home_assistant/device_message.ts";
import { Memory, type Remembered } from "../home_assistant/memory.ts";
import type { Log } from "../log.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { until } from "../testing/until.ts";
import { FatalError } from "../errors.ts";
import { HomeDevice } from "./home_device.ts";
import { RemoteSettings, type SearchValues } from "./remote_settings.ts";
import { SmallFramesError } from "./search.ts";

const BELOW = "haarlem/board1/detector-front";
const CONFIG = "homeassistant/device/haarlem_board1_detector-front/config";
const SETTINGS = {
  engine: "haar",
  faces: "best",
  minSize: 0,
  maxSize: 0,
  visitGap: 2,
  visitStill: 60,
  eyes: false,
};

/** A broker in memory that keeps retained messages, with one client. */
class MemoryBus implements Bus {
  connected = false;
  readonly published: [topic: string, text: string, retain: boolean][] = [];
  readonly retained = new Map<string, string>();
  readonly #queues = new Map<string, MessageQueue>();

  async publish(topic: string, payload: Uint8Array, { retain = false }: { retain?: boolean }): Promise<void> {
    if (!this.connected) throw new Error("not connected");
    const text = new TextDecoder().decode(payload);
    this.published.push([topic, text, retain]);
    if (retain) text === "" ? this.retained.delete(topic) : this.retained.set(topic, text);
  }

  messages(filter: string, options: StreamOptions): AsyncIterable<Message> {
    const queue = new MessageQueue(options);
    this.#queues.set(filter, queue);
    return queue.take();
  }

  receive(topic: string, text: string, { isRetained = false } = {}): void {
    for (const [filter, queue] of this.#queues) {
      const payload = new TextEncoder().encode(text);
      if (matchesFilter(topic, filter)) queue.push({ topic, payload, isRetained });
    }
  }

  ready = () => Promise.resolve();
  close = async () => {
    this.connected = false;
  };
}

/** A device that is attached to the bus and in its rounds; with what an earlier run has left. */
async function deviceIn(folder: TempFolder, { earlier, settings = {} }: {
  earlier?: Remembered;
  settings?: Partial<SearchValues>;
} = {}) {
  const bus = new MemoryBus();
  const health = new Health();
  const component = health.component("camera");
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (text: string) => warnings.push(text), error() {} } as Log;
  const waits: { ms: number; pass: () => void }[] = [];
  const remote = new RemoteSettings({ ...SETTINGS, ...settings } as SearchValues);
  const memory = new Memory(folder.path);
  let nowMs = 0;
  const device = await HomeDevice.open(remote, {
    camera: "front",
    device: "board1",
    hasVisits: true,
    hasOutbox: true,
    component,
    log,
    memory,
    earlier,
    delay: (ms, { signal } = {}) =>
      new Promise((pass) => {
        waits.push({ ms, pass });
        if (signal?.aborted) pass();
        signal?.addEventListener("abort", () => pass());
      }),
    nowMs: () => nowMs += 1_000, // No change waits for an earlier one.
    random: () => 0.5,
  });
  const attached = device.attach(bus);
  bus.connected = true;
  device.connected();
  const stop = new AbortController();
  const rounds = device.rounds(stop)[Symbol.asyncIterator]();
  return {
    ...{ bus, component, device, memory, rounds, waits, warnings },
    set: (name: string, text: string, how?: { isRetained?: boolean }) =>
      bus.receive(`${BELOW}/settings/${name}/set`, text, how),
    retained: (topic: string, text: string) =>
      until(() => bus.retained.get(`${BELOW}/${topic}`) === text, `${topic} is ${text}`),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await attached.close();
    },
  };
}

const roundOf = ({ value }: IteratorResult<{ settings: SearchValues; signal: AbortSignal }>) => value;

Deno.test("a change is checked, kept, echoed, and begins a new round; a wrong one is refused", async () => {
  using folder = new TempFolder();
  await using home = await deviceIn(folder);
  const first = roundOf(await home.rounds.next());
  assert.equal(first.settings.minSize, 0);
  home.set("min-size", "minus one");
  home.set("broker", "mqtt://elsewhere");
  home.set("min-size", "70", { isRetained: true });
  await until(() => home.warnings.length === 3, "three changes are refused");
  assert.match(home.warnings.join("\n"), /whole number.*\n.*no setting that may be changed.*\n.*retained/);
  assert.ok(!first.signal.aborted);
  home.set("min-size", "60");
  await home.retained("settings/min-size", "60");
  assert.ok(first.signal.aborted);
  const second = roundOf(await home.rounds.next());
  assert.equal(second.settings.minSize, 60);
  assert.deepEqual((await home.memory.read(assert.fail))?.settings, { "min-size": "60" });
});

Deno.test("a restart takes the changes of the last run, except those that are wrong by now", async () => {
  using folder = new TempFolder();
  const settings = { "min-size": "60", "min-score": "0.5", eyes: "on" };
  await using home = await deviceIn(folder, { earlier: { topics: [], components: {}, settings } });
  const { settings: first } = roundOf(await home.rounds.next());
  assert.deepEqual([first.minSize, first.eyes], [60, true]);
  assert.match(home.warnings.join(), /"min-score" is no setting that may be changed; it is forgotten/);
  assert.deepEqual((await home.memory.read(assert.fail))?.settings, { "min-size": "60", eyes: "on" });
});

Deno.test("detecting off ends the round until detecting is on, and survives a restart", async () => {
  using folder = new TempFolder();
  {
    await using home = await deviceIn(folder);
    const { signal } = roundOf(await home.rounds.next());
    home.component.recovered();
    home.set("detecting", "off");
    await home.retained("settings/detecting", "off");
    assert.ok(signal.aborted);
    const next = home.rounds.next();
    await until(() => /detecting is off/.test(home.component.notReady ?? ""), "the component waits");
    home.waits.shift()?.pass();
    await home.retained("camera", "OFF");
    home.set("detecting", "on");
    assert.ok(!roundOf(await next).signal.aborted);
    home.set("detecting", "off");
    await home.retained("settings/detecting", "off");
  }
  const earlier = await new Memory(folder.path).read(assert.fail);
  await using home = await deviceIn(folder, { earlier });
  assert.equal(home.device.first, undefined);
});

Deno.test("a min-size that no frame can fulfil is forgotten; other errors are not recovered from", async () => {
  using folder = new TempFolder();
  await using home = await deviceIn(folder);
  const error = new SmallFramesError("frames are too small");
  assert.equal(await home.device.recover(error), false);
  await home.rounds.next();
  home.set("min-size", "5000");
  await home.retained("settings/min-size", "5000");
  assert.equal(roundOf(await home.rounds.next()).settings.minSize, 5000);
  assert.equal(await home.device.recover(new FatalError("no camera")), false);
  assert.equal(await home.device.recover(error), true);
  assert.equal(roundOf(await home.rounds.next()).settings.minSize, 0);
});

Deno.test("occupancy lasts from the first visit to the end of the last one, and is off after a clean stop", async () => {
  using folder = new TempFolder();
  const { bus, device } = await (async () => {
    await using home = await deviceIn(folder);
    await home.retained("occupancy", "OFF");
    home.device.showVisitors(1);
    home.device.showVisitors(2);
    await home.retained("occupancy", "ON");
    home.device.showVisitors(1);
    home.device.showVisitors(0);
    await home.retained("occupancy", "OFF");
    home.device.showVisitors(1);
    await home.retained("occupancy", "ON");
    return home;
  })();
  assert.ok(device);
  assert.equal(bus.retained.get(`${BELOW}/occupancy`), "OFF");
});

Deno.test("a birth message brings the device again after a random delay; a new connection at once", async () => {
  using folder = new TempFolder();
  await using home = await deviceIn(folder);
  const configs = () => home.bus.published.filter(([topic, , retain]) => topic === CONFIG && retain).length;
  await until(() => configs() === 1, "the device is announced");
  home.bus.receive(BIRTH_TOPIC, "offline");
  home.bus.receive(BIRTH_TOPIC, "online");
  await until(() => home.waits.some(({ ms }) => ms === 5_000), "the random delay begins");
  assert.equal(configs(), 1);
  home.waits.find(({ ms }) => ms === 5_000)!.pass();
  await until(() => configs() === 2, "the device is announced again");
  home.device.connected();
  await until(() => configs() === 3, "the device is announced to the new broker");
});

Deno.test("a face is published with its facts before it, never retained, and dropped while no broker is connected", async () => {
  using folder = new TempFolder();
  await using home = await deviceIn(folder);
  const face = writeFace({ width: 2, height: 2, rgb: new Uint8Array(12) }, METADATA);
  home.bus.connected = false;
  home.device.showFace(face);
  home.bus.connected = true;
  home.device.showFace(face);
  const faces = () => home.bus.published.filter(([topic]) => topic.startsWith(`${BELOW}/face`));
  await until(() => faces().length === 2, "one face is published");
  assert.deepEqual(faces().map(([topic, , retain]) => [topic, retain]), [
    [`${BELOW}/face/attributes`, false],
    [`${BELOW}/face`, false],
  ]);
  const { captured, id } = JSON.parse(faces()[0][1]);
  assert.deepEqual([captured, id], [METADATA.captured, face.id]);
});

Deno.test("entities and topics of an earlier run that are gone are removed", async () => {
  using folder = new TempFolder();
  const old = "homeassistant/device/haarlem_board1_detector-old/config";
  const earlier = { topics: [old, CONFIG], components: { face: "image", min_score: "number" }, settings: {} };
  await using home = await deviceIn(folder, { earlier });
  await until(() => home.bus.retained.has(CONFIG), "the device is announced");
  assert.ok(home.bus.published.some(([topic, text, retain]) => topic === old && text === "" && retain));
  const { components } = JSON.parse(home.bus.retained.get(CONFIG)!);
  assert.deepEqual(components.min_score, { platform: "number" });
  assert.equal(components.face.unique_id, "haarlem_board1_detector-front_face");
  const read = async () => (await home.memory.read(assert.fail))!.topics;
  await until(async () => !(await read()).includes(old), "the old topic is forgotten");
});
