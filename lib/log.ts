/**
 * The log of a program: LogTape on standard error, one line per event, as text or JSON. Text may come from a peer, so it
 * is made printable and cut: a peer can neither add a line nor move the cursor.
 */
import { printable, printableJson } from "./printable.ts";
import { configureSync, getLogger, type LogLevel, type LogRecord } from "@logtape/logtape";
import { LineWriter } from "./line_writer.ts";

/** Takes events. Numbers and names go into `fields`, so that machines find them by name. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export const LOG_FORMATS = ["text", "json"] as const;

/** How to write the log. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: (typeof LOG_FORMATS)[number];
  /** Runs the function that writes whole lines. A terminal with a status line replaces it. */
  readonly above?: (write: () => void) => void;
}

/** Opens the log of one program. */
export function openLog(
  program: string,
  { level, format, above = (write) => write() }: LogOptions,
): Log {
  const asLine = format === "json" ? jsonLine : textLine;
  const lines = new LineWriter((bytes) => Deno.stderr.writeSync(bytes));
  configureSync({
    reset: true,
    sinks: {
      stderr: (record: LogRecord) => {
        const { lost } = lines;
        const notice = { message: "lines of this log were lost before this one", lines: lost };
        above(() => {
          try {
            lines.line(asLine(record));
            if (lost > 0) lines.line(asLine({ ...record, level: "warning", properties: notice }));
          } catch {
            // The reader of standard error has ended, or its disk is full; the program goes on.
          }
        });
      },
    },
    loggers: [
      { category: "haarlem", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
  const logger = getLogger(["haarlem", program]);
  // The message is passed as a property, since LogTape would take braces in it for placeholders.
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields: LogFields = {}) =>
    logger[level]("{message}", { ...fields, message });
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** More characters of a text than these are cut; a stack trace is longer than a message. */
const MAX_TEXT = 4_000;

function textLine({ timestamp, level, category, properties }: LogRecord): string {
  const { message, ...fields } = properties;
  const time = new Date(timestamp).toISOString();
  const rest = Object.entries(fields).filter(([, value]) => value !== undefined).map(([name, value]) =>
    ` ${name}=${printable(String(value))}`
  );
  const severity = level === "info" ? "" : `${level.toUpperCase()} `;
  const text = printable(String(message), { max: MAX_TEXT });
  return `${time} ${category.at(-1)}: ${severity}${text}${rest.join("")}\n`;
}

function jsonLine({ timestamp, level, category, properties }: LogRecord): string {
  const { message, ...fields } = properties;
  const head = { time: new Date(timestamp).toISOString(), level, program: category.at(-1), message };
  const cut = Object.entries({ ...head, ...fields }).map(([name, value]) => [
    name,
    typeof value === "string" && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value,
  ]);
  return printableJson(Object.fromEntries(cut)) + "\n";
}
