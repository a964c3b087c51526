/** Checks of the machine: versions, clock, power supply of a Raspberry Pi, disk. */
import { dirname } from "node:path";
import { SYSTEM_SOURCES } from "../../clock/system_sources.ts";
import { diskMessage, freeBytes } from "../../durable_file.ts";
import { spawn } from "../../start_program.ts";
import { versionLine } from "../../version.ts";
import type { Check, Finding } from "./finding.ts";

const LIMIT_MS = 10_000;
/** A clock before this was never set: the time of the first version. */
const EARLIEST_MS = Date.UTC(2025, 0, 1);
const MIB = 2 ** 20;
/** Below this much free space no face can be kept for long. */
const LEAST_FREE_BYTES = 64 * MIB;

/** Prints what runs here. */
export const VERSION_CHECK: Check = {
  name: "version",
  limitMs: LIMIT_MS,
  async *run() {
    yield { name: "version", state: "ok", text: `${versionLine()}, Linux ${Deno.osRelease()}` };
  },
};

/** Whether the clock is set: faces have its time. */
export const CLOCK_CHECK: Check = {
  name: "clock",
  limitMs: LIMIT_MS,
  async *run() {
    yield clockFinding(await SYSTEM_SOURCES.synchronised(), Date.now());
  },
};

/** @param nowMs the wall clock. */
export function clockFinding(synchronised: "yes" | "no" | "unknown", nowMs: number): Finding {
  const name = "clock";
  const time = new Date(nowMs).toISOString().slice(0, 19) + "Z";
  const hint = "set the clock: sudo timedatectl set-ntp true";
  if (nowMs < EARLIEST_MS) {
    return { name, state: "wrong", text: `it shows ${time}, so it was never set`, hint };
  }
  if (synchronised === "yes") return { name, state: "ok", text: `${time}, synchronised` };
  if (synchronised === "unknown") {
    return { name, state: "note", text: `${time}; this system does not say whether it is synchronised` };
  }
  return { name, state: "wrong", text: `${time}, not synchronised: faces wait until it is`, hint };
}

/** The bits of `vcgencmd get_throttled`: now, and since the boot. Source: Raspberry Pi documentation, "vcgencmd". */
const POWER_BITS = [
  { now: 0, since: 16, what: "under-voltage" },
  { now: 1, since: 17, what: "a capped ARM frequency" },
  { now: 2, since: 18, what: "throttling" },
  { now: 3, since: 19, what: "the soft temperature limit" },
];

/** What the firmware of a Raspberry Pi says about its power supply; nothing on other machines. */
export const POWER_CHECK: Check = {
  name: "power",
  limitMs: LIMIT_MS,
  async *run({ signal }) {
    let output: Deno.CommandOutput;
    try {
      output = await spawn("vcgencmd", ["get_throttled"], { stdout: "piped", stderr: "piped", signal })
        .output();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return;
      throw error;
    }
    const finding = powerFinding(new TextDecoder().decode(output.stdout));
    yield finding ?? {
      name: "power",
      state: "note",
      text: "vcgencmd does not say how the power supply is",
      hint: "run vcgencmd get_throttled, as a user in the group video",
    };
  },
};

/** The finding for an answer such as `throttled=0x50005`; undefined for another text. */
export function powerFinding(answer: string): Finding | undefined {
  const name = "power";
  const [, hex] = /^throttled=0x([0-9a-f]{1,8})\s*$/i.exec(answer) ?? [];
  if (hex === undefined) return undefined;
  const bits = parseInt(hex, 16);
  const has = (bit: number) => (bits >> bit & 1) === 1;
  const now = POWER_BITS.filter((one) => has(one.now)).map(({ what }) => what);
  const since = POWER_BITS.filter((one) => has(one.since)).map(({ what }) => what);
  const hint = "use the power supply for this board and a short cable, and cool the board";
  if (now.length > 0) return { name, state: "wrong", text: `now: ${now.join(", ")}`, hint };
  if (since.length > 0) return { name, state: "note", text: `since the boot: ${since.join(", ")}`, hint };
  return { name, state: "ok", text: "no under-voltage or throttling since the boot" };
}

/**
 * Whether a folder can be written, and how much room there is.
 * @param setting the setting that names the folder.
 * @param neededBytes what the folder may come to hold.
 */
export function diskCheck(folder: string, setting: string, neededBytes: number): Check {
  return {
    name: "disk",
    limitMs: LIMIT_MS,
    async *run() {
      const existing = await nearestFolder(folder);
      try {
        const file = await Deno.makeTempFile({ dir: existing, prefix: ".haarlem-doctor-", suffix: ".tmp" });
        await Deno.remove(file);
      } catch (error) {
        return yield {
          name: "disk",
          state: "wrong",
          text: `cannot write into "${existing}": ${diskMessage(error)}`,
          hint: `let this user write there, or set ${setting} to another folder`,
        };
      }
      yield roomFinding(folder, setting, await freeBytes(existing), neededBytes);
    },
  };
}

function roomFinding(folder: string, setting: string, free: number, needed: number): Finding {
  const text = `"${folder}": ${Math.floor(free / MIB).toLocaleString("en")} MiB free`;
  const other = needed > 0 ? "a smaller --outbox-size" : `${setting} to a folder on another disk`;
  const hint = `free space on this disk, or set ${other}`;
  if (free < LEAST_FREE_BYTES) return { name: "disk", state: "wrong", text, hint };
  if (free >= needed) return { name: "disk", state: "ok", text };
  return {
    name: "disk",
    state: "note",
    text: `${text}, less than the ${
      Math.ceil(needed / MIB).toLocaleString("en")
    } MiB that the outbox may take`,
    hint,
  };
}

/** The folder, or the nearest one above it that exists: the program makes the rest. */
async function nearestFolder(folder: string): Promise<string> {
  const isThere = await Deno.stat(folder).then(
    () => true,
    (error) => !(error instanceof Deno.errors.NotFound),
  );
  return isThere || dirname(folder) === folder ? folder : await nearestFolder(dirname(folder));
}
