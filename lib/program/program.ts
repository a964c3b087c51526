/** What every program has in common: settings, log, signals, health, the exit code. */
import { ConfigError, FatalError, messageOf } from "../errors.ts";
import { COMPONENT_METRICS, Health } from "../health/health.ts";
import type { Metric, MetricSet } from "../health/metric.ts";
import { addProgramMetrics, PROGRAM_METRICS } from "../health/program_metrics.ts";
import { serveHealth } from "../health/http_server.ts";
import { notifySystemd, type SystemdEnvironment } from "../health/systemd.ts";
import { parseListenAddress } from "../http_listen.ts";
import { type Log, LOG_FORMATS, LOG_LEVELS, openLog } from "../log.ts";
import { printable } from "../printable.ts";
import {
  choice,
  flag,
  grouped,
  type Setting,
  type Settings,
  text,
  type Values,
} from "../settings/declare.ts";
import { type ReadAs, readerOf } from "./read_as.ts";
import { isCommand, type ProgramName, summaryOf } from "./programs.ts";
import { answerQuestions } from "./questions.ts";
import { MAX_PRINTED, type Print, printer } from "./standard_output.ts";
import { errorTerminal, type ProgramStatus, STATUS_MODES, StatusReports } from "./status_reports.ts";

/** Two signals within this time count as one. */
const SAME_SIGNAL_MS = 500;

const healthAddress: Setting<ReturnType<typeof parseListenAddress> | undefined> = {
  help: "address that answers /healthz (alive), /readyz (does its job) and /metrics",
  details: "Port 0 selects a free port; the log names it.",
  placeholder: "HOST:PORT",
  parse: parseListenAddress,
};

/** The settings that every program has besides its own. */
export const COMMON_SETTINGS = grouped("running", {
  config: text({ help: "settings file (TOML)", placeholder: "FILE" }),
  logLevel: choice(LOG_LEVELS, { help: "minimum severity to log", fallback: "info" }),
  logFormat: choice(LOG_FORMATS, {
    help: "format of the log: text for people, json for machines",
    fallback: "text",
  }),
  status: choice(STATUS_MODES, {
    help: "auto: a status line on a terminal, elsewhere a log line each minute; log; off",
    details: "log: the log line each minute, also on a terminal; auto does so with TERM=dumb. off: neither.",
    fallback: "auto",
  }),
  health: healthAddress,
  probe: text({
    help: "query the --health address of a running instance; exit 0 if healthy, 1 if not",
    details: "Example: http://127.0.0.1:9100/healthz. The other settings are not read.",
    placeholder: "URL",
    address: true,
  }),
  help: flag({ help: "print the basic settings; --help all prints every setting" }),
  version: flag({ help: "print the version" }),
});

/** The metrics that every program has besides its own. */
export const COMMON_METRICS: readonly Metric[] = [PROGRAM_METRICS, COMPONENT_METRICS].flatMap((set) =>
  Object.values<Metric>(set)
);

/** What a program gets besides its settings. */
export interface Context {
  /** Aborted by the first SIGINT or SIGTERM: finish what is begun and return. The second one ends the process. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Takes the state of what the program needs, and what it counts. */
  readonly health: Health;
  /** Whether the health goes to systemd, which takes the right to write to its socket. */
  readonly reportsToSystemd: boolean;
  /** Reports the status of the program while it runs. */
  readonly status: ProgramStatus;
  /** Writes one line to standard output, on a terminal with a coloured beginning. */
  readonly print: Print;
  /** Reads settings as another program does, from the same flags, environment and file. */
  readonly readAs: ReadAs;
}

/** A program: its name, its settings, its work. */
export interface Program<S extends Settings> {
  readonly name: string;
  readonly summary: string;
  readonly settings: S;
  /** The basic settings, at most ten with the common ones: what `--help` shows. */
  readonly basics: readonly string[];
  readonly examples: readonly string[];
  /** What the exit codes 0 and 1 mean, when that is not that the program was stopped and failed. */
  readonly exitCodes?: string;
  /** What the program counts, besides {@link COMMON_METRICS}; its parts add them to `health.metrics`. */
  readonly metrics: readonly MetricSet[];
  /** Resolves with the exit code where that is not 0. */
  run(settings: Values<S>, context: Context): Promise<number | void>;
}

/** A program as its file in workers/ declares it; the list of programs has its summary. */
type Declared<S extends Settings> = Omit<Program<S>, "name" | "summary" | "basics" | "metrics"> & {
  readonly name: ProgramName;
  readonly metrics?: readonly MetricSet[];
  readonly basics: readonly (keyof S & string)[];
};

/** Declares a program, and adds the common settings. */
export function program<S extends Settings>(declared: Declared<S>): Program<S & typeof COMMON_SETTINGS> {
  return {
    metrics: [],
    ...declared,
    summary: summaryOf(declared.name),
    settings: { ...declared.settings, ...COMMON_SETTINGS },
    basics: [...declared.basics, "config", "logLevel"],
  };
}

/** Runs a program as the main program of this process and ends the process with its exit code. */
export async function start<S extends Settings>(
  program: Program<S & typeof COMMON_SETTINGS>,
  args: readonly string[] = Deno.args,
): Promise<never> {
  let log: Log | undefined;
  let code: number | void;
  const warnings: string[] = [];
  try {
    await answerQuestions(program, args);
    const readAs = readerOf(args);
    const settings = readAs(program.name, program.settings, {}, (warning) => warnings.push(warning));
    const { logLevel, logFormat, status: mode, health } = settings as Values<typeof COMMON_SETTINGS>;
    using status = new StatusReports({ mode, terminal: logFormat === "json" ? undefined : errorTerminal() });
    const { above } = status;
    const opened = openLog(program.name, { level: logLevel, format: logFormat, above });
    if (logFormat === "json") log = opened;
    for (const warning of warnings) opened.warn(warning);
    const stop = stopOnSignals(opened, status);
    const print = printer(opened, () => stop.abort(), above);
    const context = { signal: stop.signal, log: opened, status: status.for(opened), print, readAs };
    // A command serves no health: its address is that of the program which runs.
    code = isCommand(program.name)
      ? await program.run(settings, { ...context, health: new Health(), reportsToSystemd: false })
      : await runWatched(program, settings, health, context);
  } catch (error) {
    Deno.exit(report(program.name, error, log));
  }
  Deno.exit(code ?? 0);
}

/** Runs the program while its health is served over HTTP and sent to systemd. */
async function runWatched<S extends Settings>(
  program: Program<S>,
  settings: Values<S>,
  address: Values<typeof COMMON_SETTINGS>["health"],
  context: Omit<Context, "health" | "reportsToSystemd">,
): Promise<number | void> {
  const health = new Health();
  addProgramMetrics(health, program.name);
  if (address) {
    const { url } = serveHealth(address, program.name, health);
    context.log.info(`health at ${url}healthz`);
  }
  const systemd = takeSystemdEnvironment();
  await using _ = notifySystemd(health, systemd, context);
  return await program.run(settings, { ...context, health, reportsToSystemd: Boolean(systemd.socket) });
}

/** Reads systemd's variables and removes them: child processes must not report to systemd in place of this program. */
function takeSystemdEnvironment(): SystemdEnvironment {
  const take = (name: string) => {
    const value = Deno.env.get(name);
    if (value !== undefined) Deno.env.delete(name);
    return value;
  };
  return {
    socket: take("NOTIFY_SOCKET"),
    watchdogUsec: take("WATCHDOG_USEC"),
    watchdogPid: take("WATCHDOG_PID"),
    runtimeDirectory: Deno.env.get("RUNTIME_DIRECTORY"),
  };
}

/**
 * Reports the error that ends the program, once, with its hint, and returns the exit code: to people as plain lines,
 * to machines through their log.
 */
export function report(name: string, error: unknown, log?: Log): number {
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
 * The first SIGINT or SIGTERM aborts; a later one ends the process at once. One Ctrl-C can arrive twice, from the
 * terminal and from the parent process, so a second one right behind the first is ignored.
 */
function stopOnSignals(log: Log, status: Disposable): AbortController {
  const stop = new AbortController();
  let stoppedMs = 0;
  const onSignal = () => {
    if (stop.signal.aborted && performance.now() - stoppedMs > SAME_SIGNAL_MS) {
      status[Symbol.dispose]();
      Deno.exit(130);
    }
    if (stop.signal.aborted) return;
    log.debug("stopping");
    stoppedMs = performance.now();
    stop.abort(new Error("stopping"));
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, onSignal);
  return stop;
}
