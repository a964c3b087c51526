/** The status of a program in a few words, and as a line of the log. status_text.ts makes the line of a terminal. */

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

/** The time of day of an event: local on the terminal, UTC in the log, whose lines begin with a time in UTC. */
export function lastPart(ms: number | undefined): StatusPart[] {
  if (ms === undefined) return [];
  const time = new Date(ms);
  const utc = time.toISOString().slice(11, 19);
  return [{ text: `last ${time.toTimeString().slice(0, 8)}`, log: `last ${utc}Z`, omit: 1 }];
}

/** `1 face`, `2 faces`, `3,000 faces`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}
