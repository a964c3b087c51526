/**
 * A program of the user. Its standard input is one line of JSON, then the bytes of the picture. Deno may start this one
 * program only (deno.json), by its name on PATH.
 */
import { atMost } from "../async/delay.ts";
import { startLimit } from "../async/limit.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { printable } from "../printable.ts";
import { sendSignal } from "../send_signal.ts";
import { startProgram } from "../start_program.ts";
import { machineText } from "./machine_text.ts";
import { type Notification, type Service, ServiceError } from "./notification.ts";

/** The name on PATH. */
export const COMMAND = "haarlem-notify";
/** Then it is killed. */
const TIMEOUT_MS = 30_000;
/** A child of the program may hold its standard error open. */
const CLOSE_MS = 1_000;
/** More bytes of its standard error are not kept. */
const MAX_ERROR_BYTES = 4_096;
/** What it gets of the environment: no setting, so no secret. */
export const COMMAND_ENVIRONMENT = ["PATH", "HOME", "LANG", "TZ"];

const PROGRAM = {
  name: COMMAND,
  does: "takes notifications",
  install: `put an executable "${COMMAND}" into /usr/local/bin, then restart the notifier`,
};

/** Throws a ConfigError unless the program is on this PATH. */
export function checkCommand(path = ""): void {
  const folders = path.split(":").filter((folder) => folder !== "");
  const isThere = folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${COMMAND}`).isFile;
    } catch {
      return false;
    }
  });
  if (!isThere) throw new ConfigError(`--command is set, and no "${COMMAND}" is on PATH`, PROGRAM.install);
}

/** The service, with this environment; exit code 0 means that it took the notification. */
export function openCommand(
  env: Readonly<Record<string, string>>,
  { timeoutMs = TIMEOUT_MS, limit = startLimit }: {
    readonly timeoutMs?: number;
    readonly limit?: (limitMs: number, onEnd: () => void) => () => void;
  } = {},
): Service {
  return {
    name: "command",
    address: COMMAND,
    canUpdate: true,
    async send(notification, { signal }) {
      const child = started(env);
      const reader = child.stderr.getReader();
      const said = readEnd(reader);
      const kill = () => sendSignal(child, "SIGKILL");
      const cancel = limit(timeoutMs, kill);
      signal.addEventListener("abort", kill);
      if (signal.aborted) kill();
      // A program that reads nothing ends with a broken pipe here; its exit code decides.
      const writing = write(child.stdin, notification).catch(() => {});
      const { code, signal: by } = await child.status;
      cancel();
      signal.removeEventListener("abort", kill);
      await Promise.all([atMost(CLOSE_MS, writing), atMost(CLOSE_MS, said)]);
      await reader.cancel().catch(() => {}); // Then the end of what was read is known.
      if (code === 0) return notification.key;
      const reason = by === "SIGKILL"
        ? `it was killed, or took longer than ${timeoutMs / 1000} s`
        : `exit code ${code}`;
      const last = (await said).trim().split("\n").at(-1) ?? "";
      throw new ServiceError(last === "" ? reason : `${reason}: ${printable(last, { max: 200 })}`);
    },
  };
}

function started(env: Readonly<Record<string, string>>) {
  try {
    return startProgram(PROGRAM, [], {
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      clearEnv: true,
      env,
    });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof FatalError)) throw error;
    throw new ServiceError(error.message, { hint: error.hint });
  }
}

async function write(stdin: WritableStream<Uint8Array>, notification: Notification): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${machineText(notification)}\n`));
  if (notification.picture) await writer.write(notification.picture.bytes);
  await writer.close();
}

/** The last bytes of a stream, as text, when it ends or is cancelled. */
async function readEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let end = new Uint8Array(0);
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    end = new Uint8Array([...end, ...next.value].slice(-MAX_ERROR_BYTES));
  }
  return new TextDecoder().decode(end);
}
