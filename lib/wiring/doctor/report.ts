/**
 * The report of `doctor`, for people and for machines:
 *
 *     ok     camera    /dev/video0: a frame of 640x480 after 0.6 s
 *     wrong  broker    nothing listens on 127.0.0.1:1883
 *            Try: start the broker, or set --broker
 */
import { VERSION } from "../../version.ts";
import type { Finding } from "./finding.ts";

const MIN_NAME_WIDTH = 12;
const STATE_WIDTH = 7;
const COLOURS = { ok: "good", note: "warning", wrong: "trouble" } as const;

/** The beginning of a line, whose colour repeats what its word says. */
interface Lead {
  readonly text: string;
  readonly state: "good" | "warning" | "trouble";
}

/** The width of the names of checks, with the space behind them. */
export function nameWidth(names: readonly string[]): number {
  return Math.max(MIN_NAME_WIDTH, ...names.map(({ length }) => length + 2));
}

/** Prints one finding. @param print takes a line, and the coloured word before it. @param width of the name */
export function printFinding(
  { name, state, text, hint }: Finding,
  print: (line: string, lead?: Lead) => void,
  width: number,
): void {
  print(`${name.padEnd(width)}${text}`, { text: state.padEnd(STATE_WIDTH), state: COLOURS[state] });
  if (hint !== undefined) print(`${" ".repeat(STATE_WIDTH)}Try: ${hint}`);
}

/** The report as one JSON document; docs/FORMATS.md describes it. */
export function reportJson(findings: readonly Finding[]): string {
  const isOk = findings.every(({ state }) => state !== "wrong");
  return JSON.stringify({ ok: isOk, version: VERSION, checks: findings }, undefined, 2);
}

/** The last line for people. */
export function summaryOf(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ state }) => state === "wrong").length;
  if (wrong === 0) return "Everything that was checked is all right.";
  return wrong === 1 ? "One check found something wrong." : `${wrong} checks found something wrong.`;
}
