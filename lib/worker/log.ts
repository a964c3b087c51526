/** What a program says about itself: LogTape on standard error, one line an event, for people or for machines. */
import { configureSync, getLogger, type LogLevel, type LogRecord } from "@logtape/logtape";
import { LineWriter } from "./line_writer.ts";

/** Says things. Numbers and names go into `facts`, so that a machine finds them under their names. */
export interface Log {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export const LOG_FORMATS = ["text", "json"] as const;

/** Opens the log of one program. */
export function openLog(
  program: string,
  { level, format }: { level: LogLevel; format: (typeof LOG_FORMATS)[number] },
): Log {
  const asLine = format === "json" ? jsonLine : textLine;
  const lines = new LineWriter((bytes) => Deno.stderr.writeSync(bytes));
  configureSync({
    reset: true,
    sinks: {
      stderr: (record: LogRecord) => {
        const { lost } = lines;
        const notice = { message: "lines of this log could not be written before", lines: lost };
        try {
          lines.line(asLine(record));
          if (lost > 0) lines.line(asLine({ ...record, level: "warning", properties: notice }));
        } catch {
          // Nobody reads standard error any more, or its disk is full; the program's work goes on.
        }
      },
    },
    loggers: [
      { category: "haarlem", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
  const logger = getLogger(["haarlem", program]);
  // The message is passed as a property, since LogTape would take braces in it for placeholders.
  const say = (level: "debug" | "info" | "warn" | "error") => (message: string, facts: Facts = {}) =>
    logger[level]("{message}", { ...facts, message });
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

function textLine({ timestamp, level, category, properties }: LogRecord): string {
  const { message, ...facts } = properties;
  const time = new Date(timestamp).toISOString();
  const rest = Object.entries(facts).filter(([, value]) => value !== undefined).map(([name, value]) =>
    ` ${name}=${value}`
  );
  const grade = level === "info" ? "" : `${level.toUpperCase()} `;
  return `${time} ${category.at(-1)}: ${grade}${message}${rest.join("")}\n`;
}

function jsonLine({ timestamp, level, category, properties }: LogRecord): string {
  const { message, ...facts } = properties;
  const head = { time: new Date(timestamp).toISOString(), level, program: category.at(-1), message };
  return JSON.stringify({ ...head, ...facts }) + "\n";
}
