/** The list of programs stands once, in lib/program/programs.ts: everything else that names them agrees with it. */
import assert from "node:assert/strict";
import deno from "../../deno.json" with { type: "json" };
import { RECIPES } from "../../deploy/build/recipes.ts";
import { KNOWN_NAMES } from "../../lib/program/known_names.ts";
import { PROGRAMS, SERVICES, SHIPPED } from "../../lib/program/programs.ts";
import { environmentName, flagName, type Setting } from "../../lib/settings/declare.ts";
import { readSettings } from "../../lib/settings/read.ts";
import { isTypo } from "../../lib/settings/suggest.ts";
import { inProject, projectFile } from "../../lib/testing/files.ts";
import { PROGRAMS as LOADED } from "./all_programs.ts";
import { GENERATED } from "./docs.ts";
import { SOURCES } from "./sources.ts";

const NAMES = PROGRAMS.map(({ name }) => name as string).sort();
const SHIPPED_NAMES = SHIPPED.map(({ name }) => name as string).sort();
/** Each has a unit, a container and an executable. */
const SERVICE_NAMES = SERVICES.map(({ name }) => name as string).sort();

/** The texts of a folder's files, one behind the other. */
function textsIn(folder: string, ending: RegExp): string {
  const files = SOURCES.filter(({ path }) => path.startsWith(`${folder}/`) && ending.test(path));
  return files.map(({ text }) => text).join("");
}

/** What the group of the pattern matches, each once, sorted. */
function matches(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([, found]) => found))].sort();
}

Deno.test("each listed program has its file in workers/, its task and its permissions", () => {
  const files = Array.from(
    Deno.readDirSync(inProject("workers")),
    ({ name }) => name.replace(/\.ts$/, ""),
  );
  assert.deepEqual(files.sort(), NAMES);
  assert.deepEqual(Object.keys(deno.permissions).sort(), NAMES);
  const tasks: Record<string, string> = deno.tasks;
  for (const name of NAMES) assert.match(tasks[name], new RegExp(`-P=${name} workers/${name}\\.ts$`));
});

Deno.test("each service has an executable, and one executable has all shipped programs", () => {
  const names = [...SERVICE_NAMES.map((name) => `haarlem-${name}`), "haarlem"];
  assert.deepEqual(RECIPES.map(({ name }) => name).sort(), names.sort());
  const all = RECIPES.find(({ name }) => name === "haarlem")!;
  assert.deepEqual([...all.permissions].sort(), SHIPPED_NAMES);
});

Deno.test("the starter starts the listed programs, with their summaries in its help", async () => {
  const starter = await projectFile("haarlem");
  assert.deepEqual(/^programs='(.*)'/m.exec(starter)![1].split(" ").sort(), NAMES);
  for (const { name, summary } of PROGRAMS) {
    assert.ok(starter.includes(`\n  ${name.padEnd(11)} ${summary}\n`), `${name} in the help of ./haarlem`);
  }
});

Deno.test("each service has a systemd unit, and no other has one", () => {
  const units = Array.from(Deno.readDirSync(inProject("deploy/systemd")), ({ name }) => name);
  const programs = units.flatMap((unit) => /^haarlem-(\w+)@?\.service$/.exec(unit)?.[1] ?? []);
  assert.deepEqual(programs.sort(), SERVICE_NAMES);
});

Deno.test("the installer takes the services", async () => {
  const [, cases] = /is_program\(\) \{ case \$1 in ([\w |]+)\)/.exec(
    await projectFile("deploy/install.d/settings.sh"),
  )!;
  assert.deepEqual(cases.split(" | ").sort(), SERVICE_NAMES);
  const [, list] = /give some of ([\w,]+)/.exec(await projectFile("deploy/install"))!;
  assert.deepEqual(list.split(",").sort(), SERVICE_NAMES);
});

Deno.test("compose files and manifests run each service, and nothing else", () => {
  const compose = textsIn("deploy/containers", /compose\.yaml$/);
  assert.deepEqual(matches(compose, /^ {4}command: \[(\w+)/gm), SERVICE_NAMES);
  const k3s = textsIn("deploy/k3s", /\.yaml$/);
  assert.deepEqual(matches(k3s, /^ +args: \[(\w+)/gm), SERVICE_NAMES);
});

Deno.test("the README's table has each shipped program", async () => {
  const rows = matches(await projectFile("README.md"), /^\| `(\w+)` \|/gm);
  for (const name of SHIPPED_NAMES) assert.ok(rows.includes(name), name);
});

Deno.test("docs/SETTINGS.md and the known setting names are as deno task docs writes them", async () => {
  for (const { url, make } of GENERATED) {
    const written = await Deno.readTextFile(url);
    assert.equal(written, make(written), `${url.pathname.split("/").at(-1)}: run deno task docs`);
  }
});

Deno.test("no two setting names and no two program names are one edit apart, so that one edit is a typo", () => {
  for (const names of [Object.keys(KNOWN_NAMES.settings), KNOWN_NAMES.programs]) {
    const close = names.flatMap((one) =>
      names.filter((other) => isTypo(one, other)).map((other) => `${one} ${other}`)
    );
    assert.deepEqual(close, []);
  }
});

Deno.test("the message about a wrong value that is not shown is a sentence, for every setting", () => {
  const wrong = ["x", "'", "aaaaaaaaaaaaaaaaaaaa", "user:geheim@host", "a b\n\u00fc"];
  let count = 0;
  for (const { name, settings } of LOADED) {
    const hiding = Object.entries(settings).filter(([, { secret, hidden, address }]) =>
      secret || hidden || address
    );
    for (const [key, setting] of hiding) {
      for (const text of wrong) {
        const env = { [environmentName(flagName(key))]: text };
        const read = () => readSettings(name, { [key]: setting }, { args: [], env, known: KNOWN_NAMES });
        try {
          read();
        } catch (error) {
          const [mistake] = (error as Error).message.split("\n");
          if (!mistake.includes("(not shown)")) continue;
          assert.match(mistake, /^HAARLEM_\w+ has a wrong value \(not shown\): [^:]*\bshould be /);
          count++;
        }
      }
    }
  }
  assert.ok(count > 20, `${count} messages`);
});

Deno.test("every variable HAARLEM_… that the project reads is a setting or a known variable", async () => {
  const known = new Set([
    ...KNOWN_NAMES.variables,
    ...Object.keys(KNOWN_NAMES.settings).map(environmentName),
  ]);
  const sources = await projectFile("haarlem") +
    ["deploy", "test", "bench"].map((folder) => textsIn(folder, /\.ts$/)).join("");
  const read = matches(sources, /(?:Deno\.env\.get\("|\$\{)(HAARLEM_[A-Z0-9_]+)/g);
  assert.ok(read.length > 5);
  assert.deepEqual(read.filter((name) => !known.has(name)), []);
});

Deno.test("one settings file serves every program, also with lines and sections of a later version", async () => {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  const shared = ['broker = "mqtt://x"', 'store = "faces"', 'source = "sample"', "outbox-faces = 5"];
  const sections = PROGRAMS.map(({ name }) => `[${name}]\nlog-level = "debug"`);
  try {
    await Deno.writeTextFile(
      file,
      [...shared, "seal = true", ...sections, '[doorbell]\nurl = "x"'].join("\n"),
    );
    for (const { name, settings } of LOADED) {
      const warnings: string[] = [];
      const onWarning = (warning: string) => warnings.push(warning);
      const args = ["--config", file];
      const values = readSettings(name, settings, { args, env: {}, known: KNOWN_NAMES, onWarning });
      assert.equal(values.logLevel, "debug");
      assert.deepEqual(warnings.map((warning) => /^\S+/.exec(warning)![0]), ["seal", "[doorbell]"]);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a preset of a program names its settings and gives them right values", () => {
  const found = LOADED.flatMap(({ name, settings }) =>
    Object.values<Setting<unknown>>(settings).flatMap(({ presets = {} }) =>
      Object.entries(presets).map(([preset, texts]) => {
        const unknown = Object.keys(texts).filter((key) => !Object.hasOwn(settings, key));
        assert.deepEqual(unknown, [], `${name} ${preset}`);
        for (const [key, text] of Object.entries(texts)) settings[key].parse(text);
        return `${name} ${preset} ${Object.keys(texts).join(" ")}`;
      })
    )
  );
  assert.deepEqual(found, [
    "detector homework faces margin motion receipts qos",
    "logger homework qos key",
    "forwarder homework qos",
    "saver homework qos key",
  ]);
});

/** Every setting of every program, with a name for messages. */
const SETTINGS: [string, Setting<unknown>][] = LOADED.flatMap(({ name, settings }) =>
  Object.entries(settings).map(([key, setting]): [string, Setting<unknown>] => [`${name} ${key}`, setting])
);
const MAX_HELP = 80;
/** Riddles, persons, and what belongs into other documents. */
const AVOIDED =
  /\bso (many|long|often|much|sure)\b|\bwho(ever)? |\bhomework\b|\bstranger|\banew\b|\btold\b|\bwants?\b|\bmay\b/i;

Deno.test("every help string is a short phrase in lower case without a full stop", () => {
  const phrases = [
    ...SETTINGS.map(([name, { help }]) => [name, help]),
    ...PROGRAMS.map(({ name, summary }) => [name, summary]),
  ];
  for (const [name, help] of phrases) {
    assert.ok(help.length <= MAX_HELP, `${name}: ${help.length} characters`);
    assert.match(help, /^([a-z]|[A-Z0-9]{2,})/, `${name}: begins in lower case or with an acronym`);
    assert.doesNotMatch(help, /\.$/, `${name}: no full stop`);
    assert.doesNotMatch(help, AVOIDED, name);
  }
});

Deno.test("further sentences of the help end with a full stop", () => {
  for (const [name, { details }] of SETTINGS) {
    if (details === undefined) continue;
    assert.match(details, /\.$/, name);
    assert.doesNotMatch(details, AVOIDED, name);
  }
});

Deno.test("every setting has a group, and --help shows at most ten of each program, all of its required ones", () => {
  for (const [name, { group }] of SETTINGS) assert.ok(group, name);
  for (const { name, basics, settings } of LOADED) {
    assert.ok(basics.length <= 10, `${name}: ${basics.length}`);
    assert.deepEqual(basics.filter((key) => !(key in settings)), [], name);
    const required = Object.keys(settings).filter((key) => settings[key].required);
    assert.deepEqual(required.filter((key) => !basics.includes(key)), [], name);
  }
});
