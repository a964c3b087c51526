/** Standard output of a program: lines for people or for the next program of a pipe. */
import { Outage, sinceMinutes } from "../async/outage.ts";
import { diskMessage, isDiskFull, isReadOnly } from "../durable_file.ts";
import { LineWriter } from "../line_writer.ts";
import type { Log } from "../log.ts";
import { printable } from "../printable.ts";
import type { StatusState } from "../terminal/status.ts";
import { COLOURS, styled } from "../terminal/status_text.ts";
import { type Terminal, terminalOf } from "../terminal/terminal.ts";

/** Writes a line. `lead` is a word before it, whose colour repeats what it says. */
export type Print = (line: string, lead?: { readonly text: string; readonly state: StatusState }) => void;

/** More characters than any line of ours has; the rest of a longer one is cut. */
export const MAX_PRINTED = 64 * 1024;

/**
 * Returns the function that writes one line. `onClosed` is called when the reader of the pipe has ended, as behind
 * `| head`. A full disk is logged as an outage; the lines meanwhile are lost. `above` runs the function that writes, see
 * lib/log.ts.
 */
export function printer(
  log: Log,
  onClosed: () => void,
  above: (write: () => void) => void = (write) => write(),
): Print {
  const lines = new LineWriter((bytes) => Deno.stdout.writeSync(bytes));
  let lost = 0;
  const outage = new Outage({
    down: (reason, lastedMs) =>
      log.error(`cannot write to standard output: ${reason}; lines are lost`, sinceMinutes(lastedMs)),
    up: () => {
      log.info("standard output can be written again", { lost });
      lost = 0;
    },
  });
  let terminal: Terminal | undefined | "unknown" = "unknown";
  return (line, lead) => {
    if (lead && terminal === "unknown") terminal = terminalOf(Deno.stdout, { term: Deno.env.get("TERM") });
    const beginning = lead ? styled(lead.text, COLOURS[lead.state], terminal as Terminal | undefined) : "";
    try {
      above(() => lines.line(`${beginning}${printable(line, { max: MAX_PRINTED, lines: true })}\n`));
      outage.worked();
    } catch (error) {
      if (!isDiskFull(error) && !isReadOnly(error)) return onClosed();
      lost++;
      outage.failed(diskMessage(error));
    }
  };
}
