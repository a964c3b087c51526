/** The status of a program in a few words, and as a line of the log. status_text.ts makes the line of a terminal. */

const DAY_MS = 24 * 3_600_000;

/** good: does its job; warning: does it, with a fault; trouble: does not do it. */
export type StatusState = "good" | "warning" | "trouble";

/** One fact of a status. */
export interface StatusPart {
  /** On the terminal, such as `3 ms`. */
  readonly text: string;
  /** In the log, where a longer text is easier to read. */
  readonly log?: string;
  /** The colour, which repeats what the words say. */
  readonly state?: StatusState;
  /** On a narrow terminal the part with the lowest number is omitted first; a part without one stays. */
  readonly omit?: number;
  /** On a narrow terminal the text may be cut, after all parts with a number were omitted. */
  readonly mayShrink?: boolean;
}

/** What a program reports of itself at one moment. */
export interface Status {
  /** What reports: a program, a camera or a clip. */
  readonly name: string;
  readonly state: StatusState;
  readonly parts: readonly StatusPart[];
  /** How much of the input is done, from 0 to 1; drawn as a bar in place of the mark. */
  readonly progress?: number;
}

/** The status as a line of the log. */
export function statusMessage({ name, parts }: Status): string {
  return `${name}: ${parts.map(({ text, log = text }) => log).join(", ")}`;
}

/**
 * The time of an event: local on the terminal, UTC in the log, whose lines begin with a time in UTC. After a day, when
 * the time of day alone would be taken for that of the last day, it has its date.
 */
export function lastPart(ms: number | undefined, nowMs: number = Date.now()): StatusPart[] {
  if (ms === undefined) return [];
  const from = nowMs - ms < DAY_MS ? "2026-11-26T".length : 0;
  const shown = (ms: number) => new Date(ms).toISOString().slice(from, 19).replace("T", " ");
  const aheadMs = -new Date(ms).getTimezoneOffset() * 60_000;
  return [{ text: `last ${shown(ms + aheadMs)}`, log: `last ${shown(ms)}Z`, omit: 1 }];
}

/** `1 face`, `2 faces`, `3,000 faces`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}
