/**
 * Changes of settings from the broker: each is checked as it arrives, and those of one second come into force together. So
 * a flood of them costs one write to the disk and one new round in a second, and a bounded number of log lines.
 */
import { delay } from "../async/delay.ts";
import { Outage } from "../async/outage.ts";
import type { Message } from "../bus/bus.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { printable } from "../printable.ts";
import type { RemoteSettings, SearchValues } from "./remote_settings.ts";

/** Minimum time between two sets of changes that come into force. */
const INTERVAL_MS = 1_000;
/** Maximum size of a change. */
const MAX_CHANGE_BYTES = 256;
/** Refusals that are logged in this time; beyond it they are counted in the next line. */
const REFUSALS_MS = 10_000;
const MAX_REFUSALS = 10;

/** What happens with the changes. Tests replace the clock. */
export interface ChangesOptions {
  /** Called with the remote settings changed. Never rejects. */
  readonly apply: () => Promise<void>;
  readonly log: Log;
  readonly delay?: typeof delay;
  /** A monotonic time in milliseconds. */
  readonly nowMs?: () => number;
}

export class SettingChanges<S extends SearchValues> {
  readonly #nowMs: () => number;
  readonly #refusals: Outage;
  /** Names of settings that were changed and are not in force. */
  readonly #changed = new Set<string>();
  #isApplying = false;
  #appliedMs = -Infinity;
  #window = { beganMs: -Infinity, logged: 0, omitted: 0 };

  constructor(private readonly remote: RemoteSettings<S>, private readonly options: ChangesOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#refusals = new Outage({ down: (reason) => this.#logRefusal(reason) }, { nowMs: this.#nowMs });
  }

  /** Takes changes to the end of the messages. The last level but one of a topic is the name of its setting. */
  async take(messages: AsyncIterable<Message>, { signal }: { signal: AbortSignal }): Promise<void> {
    for await (const message of messages) {
      const name = message.topic.split("/").at(-2)!;
      try {
        if (await this.remote.change(name, changeOf(message))) this.#changed.add(name);
        this.#refusals.worked();
      } catch (error) {
        this.#refusals.failed(printable(messageOf(error)));
      }
      void this.#apply(signal);
    }
  }

  async #apply(signal: AbortSignal): Promise<void> {
    if (this.#isApplying) return;
    this.#isApplying = true;
    const { log, apply, delay: wait = delay } = this.options;
    while (this.#changed.size > 0) {
      const waitMs = this.#appliedMs + INTERVAL_MS - this.#nowMs();
      if (waitMs > 0) await wait(waitMs, { signal });
      this.#appliedMs = this.#nowMs();
      const { texts } = this.remote;
      log.info(
        "Home Assistant changed a setting",
        Object.fromEntries(Array.from(this.#changed, (name) => [name, texts[name]])),
      );
      this.#changed.clear();
      await apply();
    }
    this.#isApplying = false;
  }

  #logRefusal(reason: string): void {
    const nowMs = this.#nowMs();
    const { beganMs, omitted } = this.#window;
    const isNew = nowMs - beganMs >= REFUSALS_MS;
    if (isNew) this.#window = { beganMs: nowMs, logged: 0, omitted: 0 };
    if (this.#window.logged >= MAX_REFUSALS) {
      this.#window.omitted++;
      return;
    }
    this.#window.logged++;
    this.options.log.warn(`refused a change: ${reason}`, isNew && omitted > 0 ? { notLogged: omitted } : {});
  }
}

/** The text of a change. A retained one would be made again at each start, long after somebody wanted it. */
function changeOf({ payload, isRetained }: Message): string {
  if (isRetained) throw new Error("it is retained; publish changes without retain");
  if (payload.length > MAX_CHANGE_BYTES) throw new Error(`it has ${payload.length} bytes`);
  return new TextDecoder().decode(payload);
}
