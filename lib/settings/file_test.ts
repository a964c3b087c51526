import assert from "node:assert/strict";
import { readSettingsFile } from "./file.ts";

const NAMES = ["broker", "min-size", "margin", "once"];

/** What the saver reads in a file with this content. */
function read(content: string | Uint8Array) {
  const path = Deno.makeTempFileSync();
  try {
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    const mistakes: string[] = [];
    const given = readSettingsFile(path, "saver", NAMES, mistakes);
    return {
      texts: Object.fromEntries(Array.from(given, ([name, { text }]) => [name, text])),
      places: Array.from(given.values(), ({ place }) => place.replace(path, "FILE")),
      mistakes: mistakes.map((mistake) => mistake.replace(path, "FILE")),
    };
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

Deno.test("a program's own table goes before the lines for all, and the tables of others are not looked at", () => {
  const { texts, places, mistakes } = read('margin = 1\n[saver]\nmargin = 2\n[detector]\nsource = "x"\n');
  assert.deepEqual(texts, { margin: "2" });
  assert.deepEqual(places, ['saver.margin in "FILE"']);
  assert.deepEqual(mistakes, []);
});

Deno.test("an empty text is as good as none", () => {
  assert.deepEqual(read('broker = ""').texts, {});
});

Deno.test("names that are none and values of another kind are mistakes, all of them", () => {
  const { texts, mistakes } = read(
    'brokr = 1\nmargin = [1]\nonce = 2026-01-01\n[sever]\n[saver]\nsource = "x"\n',
  );
  assert.deepEqual(texts, {});
  assert.deepEqual(mistakes, [
    'brokr in "FILE": saver has no such setting',
    'margin in "FILE": should be a text, a number, true or false',
    'once in "FILE": should be a text, a number, true or false',
    'sever in "FILE": saver has no such setting',
    'saver.source in "FILE": saver has no such setting',
  ]);
  assert.match(read('"__proto__" = "x"').mistakes.join(), /no such setting/);
});

Deno.test("a mistake in the TOML is reported with its line and column, without the line itself", () => {
  const { mistakes } = read('broker = "mqtt://x"\nmargin 5\nonce = "geheim"\n');
  assert.equal(mistakes.length, 1);
  assert.match(mistakes[0], /^"FILE" line 2, column \d+: .*TOML/);
  assert.doesNotMatch(read('a = 1\nbroker = "geheim\n').mistakes.join(), /geheim/);
  assert.match(read("broker = 1\nbroker = 2\n").mistakes.join(), /line 2/);
  assert.equal(read(Uint8Array.of(0xff, 0xfe, 0, 1)).mistakes.length, 1);
});

Deno.test("a file that cannot be read is a mistake, named once", () => {
  const mistakes: string[] = [];
  readSettingsFile("/no/such/x.toml", "saver", NAMES, mistakes);
  assert.deepEqual(mistakes, [
    'cannot read the settings file "/no/such/x.toml": No such file or directory (os error 2)',
  ]);
});
