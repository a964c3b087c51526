/** The frame around every program: settings, log, signals, the story, the exit code. */
import { diskMessage, isDiskFull, isReadOnly } from "../durable_file.ts";
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import { parseListenAddress } from "../http_listen.ts";
import { Outage, sinceMinutes } from "../async/outage.ts";
import { printable } from "../printable.ts";
import { Health } from "../health/health.ts";
import { serveHealth } from "../health/http_server.ts";
import { helpText } from "../settings/help.ts";
import { LineWriter } from "../line_writer.ts";
import { type Log, LOG_FORMATS, LOG_LEVELS, openLog } from "../log.ts";
import { probeIfAsked } from "../health/probe.ts";
import {
  choice,
  flag,
  readSettings,
  type Setting,
  type Settings,
  text,
  type Values,
} from "../settings/declare.ts";
import { tellSystemd } from "../health/systemd.ts";
import { versionLine } from "../version.ts";

const SAME_WISH_MS = 500;
/** More characters than any line of ours has. */
const MAX_PRINTED = 64 * 1024;

const healthAddress: Setting<ReturnType<typeof parseListenAddress> | undefined> = {
  help: "where /healthz (alive) and /readyz (does its job) are answered; port 0 for any free one",
  placeholder: "HOST:PORT",
  parse: parseListenAddress,
};

/** What every program can be told, besides its own settings. */
export const COMMON_SETTINGS = {
  config: text({ help: "a settings file (TOML)", placeholder: "FILE" }),
  logLevel: choice(LOG_LEVELS, { help: "the least grave messages to show", fallback: "info" }),
  logFormat: choice(LOG_FORMATS, { help: "messages for people or for machines", fallback: "text" }),
  health: healthAddress,
  probe: text({
    help: "ask the one that runs, at such as http://127.0.0.1:9100/healthz; exit code 0: well, 1: not",
    placeholder: "URL",
    address: true,
  }),
  help: flag({ help: "print this" }),
  version: flag({ help: "print the version" }),
};

/** What a program is given besides its settings. */
export interface Context {
  /** Aborted by the first SIGINT or SIGTERM: finish what is begun and return. The second one ends the process. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** To be told of what the program needs and does. */
  readonly health: Health;
  /** Writes one line to standard output. */
  readonly print: (line: string) => void;
}

/** A program: its name, what it can be told, its story. */
export interface Program<S extends Settings> {
  readonly name: string;
  readonly summary: string;
  readonly settings: S;
  readonly examples: readonly string[];
  run(settings: Values<S>, context: Context): Promise<void>;
}

/** Declares a program; `start` adds the common settings. */
export function program<S extends Settings>(declared: Program<S>): Program<S & typeof COMMON_SETTINGS> {
  return { ...declared, settings: { ...declared.settings, ...COMMON_SETTINGS } };
}

/** Runs a program as the main thing of this process and ends the process with its exit code. */
export async function start<S extends Settings>(
  program: Program<S & typeof COMMON_SETTINGS>,
  args: readonly string[] = Deno.args,
): Promise<never> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(helpText(program));
    Deno.exit(0);
  }
  if (args.includes("--version")) {
    console.log(versionLine(program.name));
    Deno.exit(0);
  }
  await probeIfAsked(args);
  let log: Log | undefined;
  const warnings: string[] = [];
  try {
    const settings = readSettings(program.name, program.settings, {
      args,
      env: Deno.env.toObject(),
      onWarning: (warning) => warnings.push(warning),
    });
    const { logLevel, logFormat, health } = settings as Values<typeof COMMON_SETTINGS>;
    const opened = openLog(program.name, { level: logLevel, format: logFormat });
    if (logFormat === "json") log = opened;
    for (const warning of warnings) opened.warn(warning);
    const stop = stopOnSignals(opened);
    const print = printer(opened, () => stop.abort());
    await watched(program, settings, health, { signal: stop.signal, log: opened, print });
    Deno.exit(0);
  } catch (error) {
    Deno.exit(report(program.name, error, log));
  }
}

/** Runs the program while its health can be asked for and systemd is told of it. */
async function watched<S extends Settings>(
  program: Program<S>,
  settings: Values<S>,
  address: Values<typeof COMMON_SETTINGS>["health"],
  context: Omit<Context, "health">,
): Promise<void> {
  const health = new Health();
  if (address) {
    const { url } = serveHealth(address, program.name, health);
    context.log.info(`health at ${url}healthz`);
  }
  await using _ = tellSystemd(health, context);
  await program.run(settings, { ...context, health });
}

/**
 * Tells of an error that ends the program, once and with what to do, and returns the exit code for it: to people as
 * plain lines, to machines through their log.
 */
function report(name: string, error: unknown, log: Log | undefined): number {
  const known = error instanceof ConfigError || error instanceof FatalError;
  const stack = !known && error instanceof Error ? error.stack : undefined;
  const hint = known ? error.hint : undefined;
  if (log) {
    log.error(messageOf(error), { hint, stack });
  } else {
    console.error(`${name}: ${messageOf(error).replaceAll("\n", `\n${name}: `)}`);
    if (hint) console.error(`Try: ${printable(hint, { max: MAX_PRINTED, lines: true })}`);
    if (stack) console.error(printable(stack, { max: MAX_PRINTED, lines: true }));
  }
  return error instanceof ConfigError ? 78 : 1;
}

/**
 * Writes lines to standard output; calls `onClosed` when nobody reads them any more, as behind `| head`. A full disk
 * is reported as an outage.
 */
function printer(log: Log, onClosed: () => void): (line: string) => void {
  const lines = new LineWriter((bytes) => Deno.stdout.writeSync(bytes));
  let lost = 0;
  const outage = new Outage({
    down: (reason, lastedMs) =>
      log.error(`standard output cannot be written: ${reason}; lines are lost`, sinceMinutes(lastedMs)),
    up: () => {
      log.info("standard output can be written again", { lost });
      lost = 0;
    },
  });
  return (line) => {
    try {
      lines.line(`${printable(line, { max: MAX_PRINTED, lines: true })}\n`);
      outage.worked();
    } catch (error) {
      if (!isDiskFull(error) && !isReadOnly(error)) return onClosed();
      lost++;
      outage.failed(diskMessage(error));
    }
  };
}

/**
 * The first SIGINT or SIGTERM aborts; a later one ends the process at once. One Ctrl-C can come twice,
 * from the terminal and from the program that started this one: what follows at once is the same wish.
 */
function stopOnSignals(log: Log): AbortController {
  const stop = new AbortController();
  let stoppedMs = 0;
  const onSignal = () => {
    if (stop.signal.aborted && performance.now() - stoppedMs > SAME_WISH_MS) Deno.exit(130);
    if (stop.signal.aborted) return;
    log.debug("stopping");
    stoppedMs = performance.now();
    stop.abort(new Error("stopping"));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  return stop;
}
