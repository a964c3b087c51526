/**
 * The settings of a detector that may be changed while it runs, and their values: a changed one wins over flags,
 * environment and settings file until the changes are forgotten.
 */
import type { AdjustableSetting } from "../home_assistant/entities.ts";
import { type EngineSetting, unusedSettings } from "../detection/engines.ts";
import { messageOf } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import { flagName, type Setting, type Values } from "../settings/declare.ts";
import { checkDetection, DETECTION_SETTINGS } from "./detection.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

/** A longer text is no value of any of them. */
const MAX_TEXT = 32;

/** The switch of the whole search, which is no setting of the command line. */
export const DETECTING = "detecting";

/** The settings that may be changed, with the names that people read. No other one can be, whatever a message says. */
const LABELS = {
  minSize: "Minimum face size",
  maxSize: "Maximum face size",
  minNeighbors: "Minimum neighbors",
  minScore: "Minimum score",
  visitGap: "Visit gap",
  visitStill: "Interval of faces in a visit",
  eyes: "Require an eye",
} as const;

type Key = keyof typeof LABELS;
const DECLARED = { ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };
/** The settings that the changes concern. */
export type SearchValues = Values<typeof DECLARED>;

/** The changes as texts, by the names of their flags. */
export type Changes = Readonly<Record<string, string>>;

/** The settings of a detector, and the changes that are in force. */
export class RemoteSettings<S extends SearchValues> {
  readonly #keys: readonly Key[];
  #texts = new Map<string, string>();

  /** @param base the settings that the program was started with. */
  constructor(private readonly base: S) {
    const unused = new Set<string>(unusedSettings(base.engine) satisfies EngineSetting[]);
    if (base.faces === "every") unused.add("visitGap").add("visitStill");
    this.#keys = (Object.keys(LABELS) as Key[]).filter((key) => !unused.has(key));
  }

  /** The settings that this detector uses and that may be changed, besides {@link DETECTING}. */
  get adjustable(): AdjustableSetting[] {
    return this.#keys.map((key) => {
      const { range } = DECLARED[key] as Setting<unknown>;
      return { name: flagName(key), label: LABELS[key], ...(range && { range }) };
    });
  }

  /** Whether the detector should search. */
  get detecting(): boolean {
    return this.#texts.get(DETECTING) !== "off";
  }

  /** The settings in force. */
  get values(): S {
    return this.#with(this.#texts);
  }

  get changes(): Changes {
    return Object.fromEntries(this.#texts);
  }

  /** The text of each changeable setting in force, by its name. */
  get texts(): Record<string, string> {
    const { values } = this;
    const shown = (key: Key) => textOf(values[key] ?? DECLARED[key].shownFallback);
    return {
      [DETECTING]: textOf(this.detecting),
      ...Object.fromEntries(this.#keys.map((key) => [flagName(key), shown(key)])),
    };
  }

  /**
   * Changes one setting, after the checks that the setting itself has, and those of the settings together. Returns
   * whether it has another value now. Throws an Error that names what is wrong; then nothing has changed.
   */
  async change(name: string, text: string): Promise<boolean> {
    const setting = this.#declaration(name);
    const wrong = (reason: string) => new Error(`cannot set ${name} to ${quoted(text)}: ${reason}`);
    if (!setting) throw new Error(`${quoted(name)} is no setting that may be changed`);
    if (text.length > MAX_TEXT) throw wrong(`should have at most ${MAX_TEXT} characters`);
    const texts = new Map(this.#texts);
    try {
      texts.set(name, textOf(setting.parse(text)));
      await checkDetection(this.#with(texts));
    } catch (error) {
      throw wrong(messageOf(error));
    }
    const before = this.texts[name];
    this.#texts = texts;
    return this.texts[name] !== before;
  }

  /** Forgets the change of one setting. Returns whether there was one. */
  reset(name: string): boolean {
    return this.#texts.delete(name);
  }

  #declaration(name: string): Setting<unknown> | undefined {
    if (name === DETECTING) return DECLARED.eyes; // It is on or off as well.
    const key = this.#keys.find((key) => flagName(key) === name);
    return key && DECLARED[key];
  }

  #with(texts: ReadonlyMap<string, string>): S {
    const changed = this.#keys.flatMap((key) => {
      const text = texts.get(flagName(key));
      return text === undefined ? [] : [[key, DECLARED[key].parse(text)]];
    });
    return { ...this.base, ...Object.fromEntries(changed) };
  }
}

function textOf(value: unknown): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : `${value}`;
}
