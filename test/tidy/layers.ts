/**
 * The layers of the project: which part may import which. layers_test.ts holds the code to this table.
 * `deno run test/tidy/layers.ts` prints it as docs/ARCHITECTURE.md has it.
 */

/** What any part may import. */
export const FOUNDATION = [
  "assets",
  "async",
  "connection_breaks",
  "durable_file",
  "errors",
  "face",
  "http_listen",
  "image",
  "line_writer",
  "log",
  "printable",
  "recent_map",
  "safe_address",
  "send_signal",
  "start_program",
  "terminal",
  "tls",
  "version",
  "wasm_memory",
  "web",
] as const;

/** The parts, with the other parts that they may import; `wiring` joins them. */
export const PARTS: Readonly<Record<string, readonly string[]>> = {
  bus: [],
  camera: [],
  clock: [],
  demo: [],
  detection: ["haar", "yunet"],
  gallery: ["store"],
  haar: [],
  health: [],
  home_assistant: [],
  notify: [],
  outbox: [],
  preview: [],
  settings: [],
  store: [],
  yunet: [],
};

/**
 * Folders that join parts, with what they may import besides the foundation. `program` imports no part and no worker:
 * its list of programs holds names and summaries. An import of the workers there, even a lazy one, would put every
 * program into the module graph and the executable of each other one; deploy/haarlem.ts has the loaders.
 */
export const ASSEMBLY: Readonly<Record<string, readonly string[]>> = {
  program: ["settings", "health"],
  wiring: [...Object.keys(PARTS), "program"],
  workers: [...Object.keys(PARTS), "program", "wiring"],
};

/** The table in Markdown. */
export function layersTable(): string {
  const parts = Object.keys(PARTS);
  const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(" ");
  const imports = (names: readonly string[]) => {
    const others = names.filter((name) => !parts.includes(name));
    const isAll = names.length - others.length === parts.length;
    return [
      "the foundation",
      ...isAll ? ["all parts"] : [],
      ...(isAll ? others : names).map((name) => `\`${name}\``),
    ]
      .join(", ");
  };
  const rows = [
    ["foundation", listed(FOUNDATION), "the foundation"],
    ["parts", listed(parts.filter((name) => PARTS[name].length === 0)), "the foundation"],
    ...parts.filter((name) => PARTS[name].length > 0).map((
      name,
    ) => ["", `\`${name}\``, imports(PARTS[name])]),
    ...Object.entries(ASSEMBLY).map(([name, names], index) => [
      index === 0 ? "assembly" : "",
      `\`${name}\``,
      imports(names),
    ]),
  ];
  return ["| layer | in `lib/`, and `workers/` | may import |", "|---|---|---|"]
    .concat(rows.map((row) => `| ${row.join(" | ")} |`)).join("\n");
}

if (import.meta.main) console.log(layersTable());
