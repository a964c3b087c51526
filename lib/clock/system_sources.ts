/** Where the board's clock is read from: four questions to the system, each of which may stay without an answer. */
import type { Synchronised } from "../face/face.ts";
import { commandOutput } from "./command_output.ts";

/** What a clock is made of. Tests give their own. */
export interface ClockSources {
  /** The clock on the wall, milliseconds since 1970. */
  wallMs(): number;
  /** Milliseconds since the start of this process; nobody sets it. */
  runMs(): number;
  /** Whole seconds since the boot, the same for all processes. */
  uptimeS(): number | undefined;
  /** Drawn by the kernel at each boot. */
  bootId(): Promise<string | undefined>;
  synchronised(): Promise<Synchronised>;
}

/** Made by systemd-timesyncd once it has set the clock; gone at the next boot. */
const TIMESYNCD_MARK = "/run/systemd/timesync/synchronized";

/** Linux with systemd answers all of it, another system some; programs that came with systemd 239 and 240 have a substitute. */
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
    // What the kernel says, whoever keeps its clock: timesyncd, chrony, ntpd, PTP.
    const answer = await commandOutput("timedatectl", "show", "--property=NTPSynchronized", "--value") ??
      synchronisedIn(await commandOutput("timedatectl", "status"));
    return answer === "yes" || answer === "no" ? answer : "unknown";
  },
};

/** In what `timedatectl status` prints for people. */
function synchronisedIn(status = ""): string | undefined {
  return /^\s*(?:System clock|NTP) synchronized: (yes|no)$/m.exec(status)?.[1];
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
