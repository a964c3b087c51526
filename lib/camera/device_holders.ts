/** Which programs have a device open, by `fuser` (psmisc) and `ps`: Deno does not let a program read /proc. */
import { spawn } from "../start_program.ts";

/** A process that has the device open. */
export interface Holder {
  readonly pid: number;
  /** The name of its program, without arguments, which may hold secrets. */
  readonly name: string;
}

const TIMEOUT_MS = 5_000;
const MAX_HOLDERS = 8;

/**
 * The holders of a device that this user may see; none where `fuser` is missing. Opening the device then says that it is
 * busy.
 */
export async function deviceHolders(
  device: string,
  { signal }: { signal: AbortSignal },
): Promise<Holder[]> {
  const within = { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) };
  const numbers = (await outputOf("fuser", [device], within))?.match(/\d+/g) ?? [];
  const pids = numbers.map(Number).filter((pid) => pid !== Deno.pid).slice(0, MAX_HOLDERS);
  return await Promise.all(pids.map(async (pid) => {
    const name = (await outputOf("ps", ["-o", "comm=", "-p", `${pid}`], within))?.trim();
    return { pid, name: name || "another program" };
  }));
}

/** What a command prints on standard output; undefined when it is missing or slow. `fuser` fails where nobody is found. */
async function outputOf(
  program: string,
  args: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const { stdout } = await spawn(program, args, { stdout: "piped", stderr: "null", signal }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return undefined;
  }
}
