/** Where the board's clock is read from. The system may leave each of these questions without an answer. */
import type { Synchronised } from "../face/face.ts";
import { spawn } from "../start_program.ts";

/** What a BoardClock reads. Tests give their own. */
export interface ClockSources {
  /** The wall clock, milliseconds since 1970. */
  wallMs(): number;
  /** Milliseconds since the start of this process, by a clock that nobody sets. */
  runMs(): number;
  /** Whole seconds since the boot, the same in all processes. */
  uptimeS(): number | undefined;
  /** 32 hex digits that the kernel draws at each boot. */
  bootId(): Promise<string | undefined>;
  synchronised(): Promise<Synchronised>;
}

/** systemd-timesyncd makes this file once it has set the clock; it is gone after the next boot. */
const TIMESYNCD_MARK = "/run/systemd/timesync/synchronized";
const COMMAND_TIMEOUT_MS = 5_000;

/** Linux with systemd answers everything. Commands that came with systemd 239 and 240 have a substitute for older ones. */
export const SYSTEM_SOURCES: ClockSources = {
  wallMs: () => Date.now(),
  runMs: () => performance.now(),
  uptimeS() {
    try {
      return Deno.osUptime();
    } catch {
      return undefined;
    }
  },
  async bootId() {
    const id = await commandOutput("systemd-id128", "boot-id") ??
      await commandOutput("sysctl", "-n", "kernel.random.boot_id");
    const digits = id?.replaceAll("-", "");
    return digits && /^[0-9a-f]{32}$/.test(digits) ? digits : undefined;
  },
  async synchronised() {
    if (await exists(TIMESYNCD_MARK)) return "yes";
    // The kernel's own flag, which timesyncd, chrony, ntpd and PTP all set.
    const answer = await commandOutput("timedatectl", "show", "--property=NTPSynchronized", "--value") ??
      synchronisedIn(await commandOutput("timedatectl", "status"));
    return answer === "yes" || answer === "no" ? answer : "unknown";
  },
};

/** The answer in the output of `timedatectl status`, which is made for people. */
function synchronisedIn(status = ""): string | undefined {
  return /^\s*(?:System clock|NTP) synchronized: (yes|no)$/m.exec(status)?.[1];
}

/**
 * The output of a command; nothing when it is missing, forbidden, failed or slow. Commands, since Deno does not let a
 * program with limited permissions read /proc.
 */
async function commandOutput(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await spawn(program, args, {
      env: { LC_ALL: "C" },
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(COMMAND_TIMEOUT_MS),
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
