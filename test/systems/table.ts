/** The results on each system as a table: printed by `deno task test:systems`, with HAARLEM_SYSTEMS_TABLE=write in deploy/README.md too. */
import { join } from "node:path";
import { type System, SYSTEMS, wordFor } from "./systems.ts";

/** The page that holds the table, between `<!-- systems -->` and `<!-- end -->`. */
export const PAGE = join(import.meta.dirname!, "../../deploy/README.md");
const CLIPS = 2;

/** The results on one system. */
export interface Row {
  readonly system: System;
  readonly versions: NonNullable<System["versions"]>;
  readonly clips: number;
  readonly broker: boolean;
  readonly units: boolean;
  readonly installed: boolean;
}

const rows = new Map<string, Row>();

export function noteRow(row: Row): void {
  rows.set(wordFor(row.system), row);
}

/** Prints the table of this run. */
export function printTable(): void {
  const text = table();
  console.log(`\n${text}`);
  if (Deno.env.get("HAARLEM_SYSTEMS_TABLE") !== "write") return;
  const page = Deno.readTextFileSync(PAGE);
  Deno.writeTextFileSync(PAGE, page.replace(/(<!-- systems -->\n)[^]*?(<!-- end -->)/, `$1${text}\n$2`));
}

function earlierLine({ name, boards, processor }: System): string | undefined {
  const head = `| ${name} | ${boards} | ${processor} |`;
  return Deno.readTextFileSync(PAGE).split("\n").find((line) => line.startsWith(head));
}

function table(): string {
  const head = [
    "| system | boards | processor | ffmpeg | Mosquitto | systemd | glibc | faces of two clips | broker | units | deploy/install |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
  ];
  return [...head, ...SYSTEMS.map(line)].join("\n");
}

function line(system: System): string {
  const row = rows.get(wordFor(system));
  // Rows of systems that this run did not try remain.
  const earlier = row ? undefined : earlierLine(system);
  if (earlier) return earlier;
  const versions = row?.versions ?? system.versions;
  const { ffmpeg, mosquitto, systemd, glibc } = versions ??
    { ffmpeg: "", mosquitto: "", systemd: "", glibc: "" };
  const seen = row
    ? [row.clips === CLIPS, row.broker, row.units, row.installed].map((ok) => ok ? "seen" : "not tried")
    : ["by version", "by version", "by version", "by version"];
  const cells = [system.name, system.boards, system.processor, ffmpeg, mosquitto, systemd, glibc, ...seen];
  return `| ${cells.join(" | ")} |`;
}
