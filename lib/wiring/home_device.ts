/**
 * A detector as a device of Home Assistant. It announces its entities, keeps their retained values right, publishes each
 * new face, and takes changes of settings:
 *
 *     haarlem/DEVICE/detector-CAMERA/settings/min-size/set ───▶ check ───▶ keep on disk ───▶ a new round of the search
 *     haarlem/DEVICE/detector-CAMERA/settings/min-size  ◀─── the value in force, retained
 */
import { abortable, atMost, delay } from "../async/delay.ts";
import { either } from "../async/either.ts";
import type { Bus } from "../bus/bus.ts";
import { diskMessage } from "../durable_file.ts";
import { messageOf } from "../errors.ts";
import type { FaceFile } from "../face/face.ts";
import { homeTopics, stateTopic, statusTopic } from "../face/topics.ts";
import type { Component } from "../health/health.ts";
import { BIRTH_TOPIC, deviceMessage, discoveryTopic } from "../home_assistant/device_message.ts";
import { entitiesOf, type Entity } from "../home_assistant/entities.ts";
import type { Memory, Remembered } from "../home_assistant/memory.ts";
import { RetainedValues } from "../home_assistant/retained_values.ts";
import type { Log } from "../log.ts";
import { VERSION } from "../version.ts";
import { FaceFeed } from "./face_feed.ts";
import type { HomeAssistant, Round } from "./home_assistant.ts";
import { publishRetained } from "./publish_retained.ts";
import type { RemoteSettings, SearchValues } from "./remote_settings.ts";
import { SmallFramesError } from "./search.ts";
import { SettingChanges } from "./setting_changes.ts";

/** How often the camera is looked at, and unsent values are sent again. */
const CHECK_MS = 1_000;
/** Maximum delay after a start of Home Assistant, so that not all devices announce themselves at once. */
const MAX_BIRTH_DELAY_MS = 10_000;
/** How long the last values are sent at the end. */
const LAST_VALUES_MS = 1_000;
/** Changes, and birth messages, that wait; beyond it they are dropped: the value in force stays. */
const MAX_WAITING = 16;

/** What a device is made of. */
export interface HomeDeviceOptions {
  readonly camera: string;
  readonly device: string;
  readonly hasVisits: boolean;
  readonly hasOutbox: boolean;
  readonly component: Component;
  readonly log: Log;
  readonly memory: Memory;
  /** What an earlier run has left. */
  readonly earlier?: Remembered;
  /** Tests replace these. */
  readonly delay?: typeof delay;
  readonly nowMs?: () => number;
  readonly random?: () => number;
}

export class HomeDevice<S extends SearchValues> implements HomeAssistant<S> {
  readonly #topics;
  readonly #entities: Readonly<Record<string, Entity>>;
  readonly #stop = new AbortController();
  readonly #changes: SettingChanges<S>;
  #change = new AbortController();
  #bus?: Bus;
  #values?: RetainedValues;
  #feed?: FaceFeed;
  #visitors = 0;
  /** Retained topics of earlier runs that this one does not use. */
  #oldTopics: readonly string[];

  private constructor(
    private readonly remote: RemoteSettings<S>,
    private readonly options: HomeDeviceOptions,
  ) {
    const { device, camera, earlier } = options;
    const worker = `detector-${camera}`;
    this.#topics = homeTopics(device, worker);
    this.#entities = entitiesOf({
      ...options,
      topics: this.#topics,
      statusTopic: statusTopic(device, worker),
      stateTopic: stateTopic(device, worker),
      settings: remote.adjustable,
    });
    this.#changes = new SettingChanges(remote, { ...options, apply: () => this.#changed() });
    const used = new Set(this.#retainedTopics);
    this.#oldTopics = (earlier?.topics ?? []).filter((topic) => !used.has(topic));
  }

  /** Takes the settings that were changed before the last stop, and remembers what is to be announced. */
  static async open<S extends SearchValues>(
    remote: RemoteSettings<S>,
    options: HomeDeviceOptions,
  ): Promise<HomeDevice<S>> {
    const { earlier, log, memory } = options;
    for (const [name, text] of Object.entries(earlier?.settings ?? {})) {
      await remote.change(name, text).catch((error) => log.warn(`${messageOf(error)}; it is forgotten`));
    }
    const { changes } = remote;
    if (Object.keys(changes).length > 0) {
      log.info("settings that were changed in Home Assistant are in force", {
        ...changes,
        file: memory.path,
      });
    }
    const device = new HomeDevice(remote, options);
    await device.#remember();
    return device;
  }

  get first(): S | undefined {
    return this.remote.detecting ? this.remote.values : undefined;
  }

  async *rounds({ signal }: { signal: AbortSignal }): AsyncGenerator<Round<S>> {
    const options = { qos: 1, signal, maxWaiting: MAX_WAITING, maxWaitingBytes: 2 ** 16 } as const;
    void this.#changes.take(this.#bus!.messages(this.#topics.change("+"), options), { signal });
    for (;;) {
      const { signal: change } = this.#change;
      const until = either(signal, change);
      if (this.remote.detecting) {
        yield { settings: this.remote.values, signal: until };
      } else {
        this.options.component.waiting("detecting is off");
        await abortable(new Promise(() => {}), { signal: until }).catch(() => {});
      }
      if (!change.aborted || signal.aborted) return;
    }
  }

  async recover(error: unknown): Promise<boolean> {
    if (!(error instanceof SmallFramesError) || !this.remote.reset("min-size")) return false;
    this.options.log.warn(`${messageOf(error)}: the min-size of Home Assistant is forgotten`);
    await this.#changed();
    return true;
  }

  attach(bus: Bus): Bus {
    this.#bus = bus;
    this.#values = new RetainedValues(publishRetained(bus));
    this.#feed = new FaceFeed(bus, this.#topics);
    for (const topic of this.#oldTopics) this.#values.set(topic, "");
    this.#values.set(this.#discoveryTopic, this.#message());
    this.#showSettings();
    const running = Promise.all([this.#keepRight(), this.#greetBirths()]);
    return {
      get connected() {
        return bus.connected;
      },
      publish: (topic, payload, how) => bus.publish(topic, payload, how),
      messages: (topic, how) => bus.messages(topic, how),
      ready: (how) => bus.ready(how),
      close: async () => {
        this.#stop.abort();
        this.showVisitors(0);
        await atMost(LAST_VALUES_MS, this.#values!.send());
        await bus.close();
        await running;
      },
    };
  }

  connected(): void {
    this.#values?.forget();
    void this.#send();
  }

  showFace(face: FaceFile): void {
    this.#feed?.show(face);
  }

  showVisitors(count: number): void {
    this.#visitors = count;
    this.#showOccupancy();
    void this.#send();
  }

  get #discoveryTopic(): string {
    return discoveryTopic(this.options.device, this.options.camera);
  }

  get #retainedTopics(): string[] {
    const { occupancy, camera, setting } = this.#topics;
    return [this.#discoveryTopic, occupancy, camera, ...Object.keys(this.remote.texts).map(setting)];
  }

  #message(): string {
    const { device, camera, earlier } = this.options;
    return deviceMessage({
      device,
      camera,
      version: VERSION,
      statusTopic: statusTopic(device, `detector-${camera}`),
      entities: this.#entities,
      former: earlier?.topics.includes(this.#discoveryTopic) ? earlier.components : {},
    });
  }

  async #remember(): Promise<void> {
    const { log, memory } = this.options;
    const platforms = Object.entries(this.#entities).map(([key, { platform }]) => [key, platform]);
    const topics = [...this.#oldTopics, ...this.#retainedTopics];
    const value = { topics, components: Object.fromEntries(platforms), settings: this.remote.changes };
    await memory.write(value).catch((error) => {
      log.warn(
        `cannot write "${memory.path}": ${diskMessage(error)}; the next start does not know the changes`,
      );
    });
  }

  async #keepRight(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#showCamera();
      await this.#send();
      await (this.options.delay ?? delay)(CHECK_MS, { signal });
    }
  }

  /** Publishes what is new. Former topics are forgotten once the broker has removed them. */
  async #send(): Promise<void> {
    if (!this.#bus?.connected || !await this.#values?.send() || this.#oldTopics.length === 0) return;
    this.#oldTopics = [];
    await this.#remember();
  }

  #showCamera(): void {
    const { component } = this.options;
    this.#values?.set(this.#topics.camera, component.notReady === undefined ? "ON" : "OFF");
    this.#showOccupancy();
  }

  #showOccupancy(): void {
    if (this.options.hasVisits) this.#values?.set(this.#topics.occupancy, this.#visitors > 0 ? "ON" : "OFF");
  }

  #showSettings(): void {
    for (const [name, text] of Object.entries(this.remote.texts)) {
      this.#values?.set(this.#topics.setting(name), text);
    }
  }

  /** Announces the device again when Home Assistant has started. */
  async #greetBirths(): Promise<void> {
    const { signal } = this.#stop;
    const { delay: wait = delay, random = Math.random } = this.options;
    const births = this.#bus!.messages(BIRTH_TOPIC, { qos: 0, signal, maxWaiting: MAX_WAITING });
    for await (const { payload } of births) {
      if (new TextDecoder().decode(payload) !== "online") continue;
      await wait(random() * MAX_BIRTH_DELAY_MS, { signal });
      if (!signal.aborted) this.connected();
    }
  }

  /** Keeps the settings in force, shows them, and begins a new round with them. */
  async #changed(): Promise<void> {
    await this.#remember();
    this.#showSettings();
    void this.#send();
    const round = this.#change;
    this.#change = new AbortController();
    round.abort();
  }
}
