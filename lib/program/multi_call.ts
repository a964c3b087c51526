/** All programs in one executable, for small disks: `haarlem PROGRAM …`, without the kinds of permission that program does not need. */
import deno from "../../deno.json" with { type: "json" };
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import { probeIfAsked } from "../health/probe.ts";
import type { Settings } from "../settings/declare.ts";
import { type COMMON_SETTINGS, type Program, start } from "./program.ts";
import { versionLine } from "../version.ts";

/** Loads a program when it is asked for. */
export type Programs = Readonly<Record<string, () => Promise<Program<Settings & typeof COMMON_SETTINGS>>>>;

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

/** Runs the program that the first argument names and ends the process with its exit code. */
export async function startOneOf(programs: Programs): Promise<never> {
  const [name = "--help", ...args] = Deno.args;
  if (name === "--help" || name === "-h") {
    console.log(await overview(programs));
    Deno.exit(0);
  }
  if (name === "--version") {
    console.log(versionLine());
    Deno.exit(0);
  }
  if (!Object.hasOwn(programs, name)) {
    const { message, hint } = new ConfigError(
      `no program ${quoted(name)}`,
      `name one of ${Object.keys(programs).join(", ")}`,
    );
    console.error(`haarlem: ${message}\nTry: ${hint}`);
    Deno.exit(78);
  }
  await giveBack(name);
  await probeIfAsked(args); // Many times an hour, so without loading the program.
  return await start(await programs[name](), args);
}

/**
 * Gives back what the executable may and the program does not need, for good. A kind of permission goes as a whole:
 * Deno takes nothing out of one that was given without a list.
 */
export async function giveBack(name: string): Promise<void> {
  const permissions: Record<string, Record<string, unknown>> = deno.permissions;
  for (const kind of KINDS) {
    const granted = permissions[name][kind];
    // A list for writing is what it takes to tell systemd, where there is one.
    const isIdle = kind === "write" && Array.isArray(granted) && !Deno.env.get("NOTIFY_SOCKET");
    if (granted === undefined || isIdle) await Deno.permissions.revoke({ name: kind });
  }
}

async function overview(programs: Programs): Promise<string> {
  const loaded = await Promise.all(Object.values(programs).map((load) => load()));
  return [
    "haarlem PROGRAM [SETTINGS]",
    "",
    ...loaded.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`),
    "",
    "haarlem PROGRAM --help says more.",
  ].join("\n");
}
