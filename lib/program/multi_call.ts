/**
 * All programs in one executable, for small disks: `haarlem PROGRAM …`. It drops the kinds of permission that the
 * program does not need.
 */
import deno from "../../deno.json" with { type: "json" };
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import { nearest } from "../settings/suggest.ts";
import type { Settings } from "../settings/declare.ts";
import { versionLine } from "../version.ts";
import { type COMMON_SETTINGS, type Program, report, start } from "./program.ts";
import { SHIPPED, type ShippedName } from "./programs.ts";
import { answerProbe } from "./questions.ts";

/** Loads each program of the executable when it is started. */
export type Loaders = Readonly<
  Record<ShippedName, () => Promise<Program<Settings & typeof COMMON_SETTINGS>>>
>;

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

/** Runs the program that the first argument names and ends the process with its exit code. */
export async function startOneOf(loaders: Loaders): Promise<never> {
  const [name = "--help", ...args] = Deno.args;
  if (name === "--help" || name === "-h") {
    console.log(overview());
    Deno.exit(0);
  }
  if (name === "--version") {
    console.log(versionLine());
    Deno.exit(0);
  }
  const listed = SHIPPED.find((one) => one.name === name);
  if (!listed) {
    const names = SHIPPED.map((one) => one.name);
    const near = nearest(name, names);
    const hint = near ? `use ${near}` : `use one of ${names.join(", ")}`;
    Deno.exit(report("haarlem", new ConfigError(`no program ${quoted(name)}`, hint)));
  }
  await dropPermissions(name);
  await answerProbe(args); // Supervisors probe many times an hour, so the program is not loaded for it.
  return await start(await loaders[listed.name](), args);
}

/**
 * Drops permanently the permissions of the executable that the program does not need. A kind of permission is dropped
 * as a whole: Deno takes nothing out of one that was granted without a list.
 */
export async function dropPermissions(name: string): Promise<void> {
  const permissions: Record<string, Record<string, unknown>> = deno.permissions;
  for (const kind of KINDS) {
    const granted = permissions[name][kind];
    // The right to write below /run alone is for the socket to systemd, and unused without systemd.
    const isUnused = kind === "write" && Array.isArray(granted) && granted.every((path) => path === "/run") &&
      !Deno.env.get("NOTIFY_SOCKET");
    if (granted === undefined || isUnused) await Deno.permissions.revoke({ name: kind });
  }
}

function overview(): string {
  return [
    "Usage: haarlem PROGRAM [--setting value ...]",
    "",
    ...SHIPPED.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`),
    "",
    "haarlem PROGRAM --help shows the settings of a program.",
  ].join("\n");
}
