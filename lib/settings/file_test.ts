/** The settings file: what is read, what is a mistake, and what a shared file may hold. */
import assert from "node:assert/strict";
import { readSettingsFile } from "./file.ts";
import type { Problems, Reader } from "./source.ts";

const READER: Reader = {
  program: "saver",
  names: ["broker", "min-size", "margin", "once"],
  known: {
    programs: ["saver", "detector"],
    settings: { broker: ["saver"], margin: ["detector"], source: ["detector"] },
    variables: [],
  },
};

function readFile(path: string) {
  const problems: Problems = { mistakes: [], warnings: [], hints: new Set() };
  const given = readSettingsFile(path, READER, problems);
  const anonymous = (texts: string[]) => texts.map((text) => text.replace(path, "FILE"));
  return {
    texts: Object.fromEntries(Array.from(given, ([name, { text }]) => [name, text])),
    places: anonymous(Array.from(given.values(), ({ place }) => place)),
    mistakes: anonymous(problems.mistakes),
    warnings: anonymous(problems.warnings),
    hints: [...problems.hints],
  };
}

/** What the saver reads in a file with this content. */
function read(content: string | Uint8Array) {
  const path = Deno.makeTempFileSync();
  try {
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    return readFile(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("texts, numbers, true and false are taken, under the names of the flags", () => {
  const { texts, places, mistakes } = read('broker = "mqtt://x"\nmin-size = 60\nmargin = 0.5\nonce = true\n');
  assert.deepEqual(texts, { broker: "mqtt://x", "min-size": "60", margin: "0.5", once: "true" });
  assert.equal(places[0], 'broker in "FILE"');
  assert.deepEqual(mistakes, []);
});

Deno.test("a program's own section goes before the lines for all, and other sections are not read", () => {
  const { texts, places, mistakes, warnings } = read(
    'margin = 1\nsource = "y"\n[saver]\nmargin = 2\n[detector]\nsource = "x"\n',
  );
  assert.deepEqual(texts, { margin: "2" });
  assert.deepEqual(places, ['saver.margin in "FILE"']);
  assert.deepEqual([mistakes, warnings], [[], []]);
});

Deno.test("an empty text counts as absent", () => {
  assert.deepEqual(read('broker = ""').texts, {});
});

Deno.test("unknown names in the own section and values of another kind are mistakes, all of them", () => {
  const { texts, mistakes, hints } = read(
    'margin = [1]\nonce = 2026-01-01\n[broker]\nurl = "x"\n[saver]\nsource = "x"\nbrokers = "y"\n',
  );
  assert.deepEqual(texts, {});
  assert.deepEqual(mistakes, [
    'margin in "FILE": should be a text, a number, true or false',
    'once in "FILE": should be a text, a number, true or false',
    'broker in "FILE": should be a text, a number, true or false',
    'saver.source in "FILE": saver has no such setting',
    'saver.brokers in "FILE": saver has no such setting',
  ]);
  assert.deepEqual(hints, ["rename the line to broker"]);
});

Deno.test("sections and shared lines of a later version are warnings, with the nearest name if it is near", () => {
  const { texts, mistakes, warnings } = read(
    'margin = 1\nseal-key = "age1"\nsuorce = "x"\n"__proto__" = "x"\n[notifier]\nurl = "x"\n[detektors]\nsource = "x"\n',
  );
  assert.deepEqual(texts, { margin: "1" });
  assert.deepEqual(mistakes, []);
  assert.deepEqual(warnings, [
    'seal-key in "FILE": no program has such a setting',
    'suorce in "FILE": no program has such a setting. Try: rename it to source',
    '__proto__ in "FILE": no program has such a setting',
    '[notifier] in "FILE": no program has this name',
    '[detektors] in "FILE": no program has this name. Try: rename it to [detector]',
  ]);
});

Deno.test("a shared line or section one edit away from a name of this program is a mistake", () => {
  const cases: [string, string, string][] = [
    ["brokr = 1", 'brokr in "FILE": no program has such a setting', "rename brokr to broker"],
    ["borker = 1", 'borker in "FILE": no program has such a setting', "rename borker to broker"],
    ["min_size = 1", 'min_size in "FILE": no program has such a setting', "rename min_size to min-size"],
    ["[sever]\nonce = true", '[sever] in "FILE": no program has this name', "rename sever to [saver]"],
  ];
  for (const [content, mistake, hint] of cases) {
    const { mistakes, warnings, hints } = read(content);
    assert.deepEqual([mistakes, warnings, hints], [[mistake], [], [hint]]);
  }
});

Deno.test("a mistake in the TOML is reported with its line and column, without the line itself", () => {
  const { mistakes } = read('broker = "mqtt://x"\nmargin 5\nonce = "geheim"\n');
  assert.equal(mistakes.length, 1);
  assert.match(mistakes[0], /^"FILE" line 2, column \d+: .*TOML/);
  const torn = read('a = 1\nbroker = "geheim\n');
  const nameless = read('"mqtt://u:geheim@x" = 1\n[saver]\n"mqtt://u:geheim@y" = 1\n');
  for (const { mistakes, warnings, hints } of [torn, nameless]) {
    assert.doesNotMatch([...mistakes, ...warnings, ...hints].join(), /geheim/);
  }
  assert.match(read("broker = 1\nbroker = 2\n").mistakes.join(), /line 2/);
  assert.equal(read(Uint8Array.of(0xff, 0xfe, 0, 1)).mistakes.length, 1);
});

Deno.test("a file that cannot be read is one mistake, whose hint names --config", () => {
  const { mistakes, hints } = readFile("/no/such/x.toml");
  assert.deepEqual(mistakes, [
    'cannot read the settings file "FILE": No such file or directory (os error 2)',
  ]);
  assert.deepEqual(hints, ["set --config to the path of a TOML file that this user can read"]);
});
