/**
 * The shell blocks of a document, with what the text says about them. A comment before a block, which a reader does not
 * see, says what a test does with it:
 *
 *     <!-- test: run -->                     runs it to its end
 *     <!-- test: repeat -->                  runs it again until it prints what is promised
 *     <!-- test: background NAME -->         leaves it running, as in a terminal of its own
 *     <!-- test: not run, since REASON -->   leaves it out
 *     <!-- test: stop NAME -->               presses Ctrl-C in that terminal; there is no block
 *     <!-- test: prints NAME -->             waits until that terminal prints the text that follows
 *
 * A block of text behind a shell block, under the same heading, is what the document promises: each of its lines is
 * printed, in this order. `…` stands for any text.
 */

/** One step of a document. */
export interface Step {
  /** The line of the document, from 1. */
  readonly line: number;
  readonly action: "run" | "repeat" | "background" | "stop" | "prints" | "not run";
  /** The terminal of a background block, or the reason of one that is not run. */
  readonly detail: string;
  readonly code: string;
  readonly promised: readonly string[];
}

/** A text of the document, and what a test has in its place, such as a port that is free. */
export type StandIn = readonly [text: string, instead: string];

const COMMENT = /^<!-- test: (run|repeat|background|stop|prints|not run)(?:, since)?(?: (.+))? -->$/;

/** The steps of a document. Throws an Error for a shell block without a comment. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  const lines = markdown.split("\n");
  let mark: Pick<Step, "action" | "detail"> | undefined;
  let isOpen = false;
  for (let at = 0; at < lines.length; at++) {
    if (lines[at].startsWith("#")) isOpen = false;
    const found = COMMENT.exec(lines[at]);
    if (found) {
      mark = { action: found[1] as Step["action"], detail: found[2] ?? "" };
      if (mark.action !== "stop" && mark.action !== "prints") continue;
      steps.push({ ...mark, line: at + 1, code: "", promised: [] });
      mark = undefined;
      isOpen = true;
    }
    const fence = /^```(\w*)$/.exec(lines[at]);
    if (!fence) continue;
    const end = lines.indexOf("```", at + 1);
    const body = lines.slice(at + 1, end);
    if (fence[1] === "text" && isOpen) {
      steps.push({ ...steps.pop()!, promised: body });
    } else if (fence[1] === "sh") {
      if (!mark) throw new Error(`line ${at + 1}: the block has no comment <!-- test: … -->`);
      steps.push({ ...mark, line: at + 1, code: body.join("\n"), promised: [] });
      mark = undefined;
      isOpen = true;
    }
    at = end;
  }
  return steps;
}

/** The first promised line that was not printed; undefined when all were, in this order. */
export function missingLine(printed: string, promised: readonly string[]): string | undefined {
  const lines = printed.split("\n");
  let at = 0;
  for (const line of promised) {
    if (line.trim() === "") continue;
    const pattern = new RegExp(`^${line.trim().split("…").map(escaped).join(".*")}$`);
    while (at < lines.length && !pattern.test(lines[at].trim())) at++;
    if (at++ >= lines.length) return line;
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
}

/** Replaces texts in one pass: the port of one stand-in may contain the text of another one. */
export function replaceEach(text: string, standIns: readonly StandIn[]): string {
  const instead = new Map(standIns);
  const texts = new RegExp(Array.from(instead.keys(), RegExp.escape).join("|"), "g");
  return text.replace(texts, (found) => instead.get(found) ?? "");
}
