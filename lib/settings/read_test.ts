/** Reading settings: sources, their order, and mistakes. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { choice, flag, number, onOff, preset, text } from "./declare.ts";
import { readSettings } from "./read.ts";

const SETTINGS = {
  broker: text({
    help: "the broker",
    address: true,
    fallback: "mqtt://127.0.0.1",
    check: (given) => given.startsWith("mqtt://") ? undefined : "should be mqtt://HOST",
  }),
  margin: number({ help: "around a face", min: -5, max: 5, fraction: true, unit: "sizes", fallback: "0.2" }),
  inFlight: number({ help: "faces", min: 1, max: 100 }),
  qos: choice(["0", "1"], { help: "quality", fallback: "1" }),
  receipts: onOff({ help: "receipts", fallback: "on" }),
  once: flag({ help: "end with the input" }),
  state: text({ help: "a folder", placeholder: "DIR" }),
  token: text({
    help: "who may look",
    secret: true,
    check: (given) => given.length < 8 ? "should have 8 characters" : undefined,
  }),
  config: text({ help: "a file", placeholder: "FILE" }),
};
const DEFAULTS = { broker: "mqtt://127.0.0.1", margin: 0.2, qos: "1", receipts: true, once: false };

function read(args: string[], env: Record<string, string> = {}) {
  return readSettings("saver", SETTINGS, { args, env });
}

/** The message and the hint for settings that are wrong. */
function mistakes(args: string[], env: Record<string, string> = {}): { lines: string[]; hint: string } {
  try {
    read(args, env);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return { lines: error.message.split("\n"), hint: error.hint! };
  }
  assert.fail(`no mistake in ${args.join(" ")}`);
}

/** A settings file that is gone after the test. */
function settingsFile(content: string): Disposable & { path: string } {
  const path = Deno.makeTempFileSync({ suffix: ".toml" });
  Deno.writeTextFileSync(path, content);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

Deno.test("without any settings, the values are the defaults, and absent where there is none", () => {
  assert.deepEqual(read([]), DEFAULTS);
});

Deno.test("a value follows its flag behind a space or an equals sign, and may begin with a minus", () => {
  assert.equal(read(["--margin", "-1"]).margin, -1);
  assert.equal(read(["--margin=-0.5"]).margin, -0.5);
  assert.equal(read(["--state", "-odd"]).state, "-odd");
  assert.equal(read(["--state=--odder=x"]).state, "--odder=x");
  assert.equal(read(["--in-flight", "7", "--once"]).inFlight, 7);
  assert.equal(read(["--once"]).once, true);
  assert.equal(read(["--receipts", "off"]).receipts, false);
});

Deno.test("the last of a repeated flag counts, so that a script's flags can be overridden", () => {
  assert.equal(read(["--margin", "1", "--margin", "2"]).margin, 2);
});

Deno.test("flags go before the environment, that before the file, that before the default", () => {
  using file = settingsFile('margin = 1\nqos = 0\nstate = "file"\nin-flight = 3\n[saver]\nin-flight = 4\n');
  const env = { HAARLEM_CONFIG: file.path, HAARLEM_STATE: "environment", HAARLEM_MARGIN: "2" };
  const { margin, state, qos, inFlight, broker } = read(["--margin", "3"], env);
  assert.deepEqual(
    { margin, state, qos, inFlight, broker },
    { margin: 3, state: "environment", qos: "0", inFlight: 4, broker: DEFAULTS.broker },
  );
});

Deno.test("a variable for one program goes before the one for all, and an empty one counts as absent", () => {
  assert.equal(read([], { HAARLEM_STATE: "all", HAARLEM_SAVER_STATE: "own" }).state, "own");
  assert.equal(read([], { HAARLEM_STATE: "all", HAARLEM_SAVER_STATE: "" }).state, "all");
  assert.equal(read([], { HAARLEM_STATE: "" }).state, undefined);
  assert.equal(read([], { HAARLEM_ONCE: "true", HAARLEM_IN_FLIGHT: "9" }).once, true);
});

Deno.test("all mistakes are reported at once, each with its place", () => {
  const { lines, hint } = mistakes(
    ["--margin", "6", "--in-flight", "1.5", "--qos=2", "--tokne", "x", "stray", "--once=yes", "--state"],
    { HAARLEM_BROKER: "http://x", HAARLEM_RECEIPTS: "maybe" },
  );
  assert.deepEqual(lines, [
    'no setting "--tokne" in saver',
    "argument 8 is not understood: settings are given as --name value",
    "--once takes no value",
    "--state needs a value: DIR",
    'HAARLEM_BROKER is "http://x": should be mqtt://HOST',
    '--margin is "6": should be a number from -5 to 5 (sizes)',
    '--in-flight is "1.5": should be a whole number from 1 to 100',
    '--qos is "2": should be one of 0, 1',
    'HAARLEM_RECEIPTS is "maybe": should be one of on, off',
  ]);
  assert.match(hint, /saver --help/);
});

Deno.test("a clip without --source is answered with that setting, where the program has it", () => {
  assert.doesNotMatch(mistakes(["street.mp4"]).hint, /--source/);
  const source = text({ help: "a camera", placeholder: "SOURCE" });
  assert.throws(
    () => readSettings("detector", { source }, { args: ["street.mp4"], env: {} }),
    ({ hint }: ConfigError) => /^set --source to a camera, a clip or pictures/.test(hint!),
  );
});

Deno.test("a text that is not a number is a mistake", () => {
  for (const wrong of ["", " ", "x", "1x", "NaN", "Infinity", "1,5", "--1"]) {
    assert.match(mistakes([`--margin=${wrong}`]).lines.join(), /--margin (is|needs a value)/, wrong);
  }
  assert.equal(read(["--margin", "1e0"]).margin, 1);
});

Deno.test("a mistyped flag hints at the nearest one", () => {
  assert.match(mistakes(["--brokr", "x"]).hint, /^set --broker {2}or {2}run \.\/haarlem saver --help$/);
  assert.match(mistakes(["--no-once"]).hint, /--once/);
  assert.match(mistakes(["--inFlight", "3"]).hint, /--in-flight/);
  assert.equal(mistakes(["-v"]).hint, "run ./haarlem saver --help");
  assert.equal(mistakes(["--__proto__=1"]).hint, "run ./haarlem saver --help");
});

Deno.test("a name behind one hyphen is one mistake, which hints at the flag", () => {
  for (const args of [["-state", "x"], ["-state=x"]]) {
    const { lines, hint } = mistakes(args);
    assert.deepEqual(lines, ['no setting "-state" in saver: a name follows two hyphens']);
    assert.match(hint, /^set --state {2}or /);
  }
  assert.deepEqual(mistakes(["-token=geheim"]).lines, ['no setting "-t" in saver']);
});

Deno.test("a flag of other programs names them, and hints at no other setting", () => {
  const settings = {
    store: ["demo", "saver", "gallery"],
    broker: ["demo"],
    state: ["detector"],
    "max-age": ["saver", "doctor"],
  };
  const known = { programs: ["demo", "saver", "gallery", "detector"], settings, variables: [] };
  const own = { state: text({ help: "a folder" }), brokers: text({ help: "addresses" }) };
  const read = (...args: string[]) => () => readSettings("detector", own, { args, env: {}, known });
  const message = (names: string, flag: string) => ({
    message: `no setting "${flag}" in detector; ${names} it`,
    hint: "run ./haarlem detector --help",
  });
  assert.throws(read("--store", "x"), message("demo, saver and gallery have", "--store"));
  assert.throws(read("--max-age=3"), message("saver and doctor have", "--max-age"));
  assert.throws(read("--broker", "x"), message("demo has", "--broker"));
  assert.throws(read("--stat", "x"), { hint: /^set --state/ });
});

Deno.test("one mistake is one line, also when it makes the next argument senseless", () => {
  assert.deepEqual(mistakes(["--margn", "-0.5"]).lines, ['no setting "--margn" in saver']);
  assert.deepEqual(mistakes(["-abc", "value"]).lines, ['no setting "-a" in saver']);
  assert.deepEqual(mistakes(["--state", "--qos", "1"]).lines, ["--state needs a value: DIR"]);
  assert.deepEqual(mistakes(["--state="]).lines, ["--state needs a value: DIR"]);
  const two = mistakes(["--sate", "--qos", "7"]).lines;
  assert.deepEqual(two, ['no setting "--sate" in saver', '--qos is "7": should be one of 0, 1']);
  const stray = mistakes(["--sate=x", "stray"]).lines;
  assert.equal(stray.length, 2, stray.join("\n"));
});

Deno.test("a required setting that is absent is a mistake", () => {
  const required = { store: text({ help: "where the faces go", required: true }) };
  const without = () => readSettings("saver", required, { args: [], env: {} });
  assert.throws(without, { message: "--store is required: where the faces go" });
});

Deno.test("a secret comes from the environment or the file, never from a flag", () => {
  using file = settingsFile('token = "in the file"');
  assert.equal(read(["--config", file.path]).token, "in the file");
  assert.equal(read([], { HAARLEM_TOKEN: "12345678" }).token, "12345678");
  for (const args of [["--token", "geheim-7"], ["--token=geheim-7"], ["--token", "-geheim-7"]]) {
    const { lines, hint } = mistakes(args);
    assert.deepEqual(lines, ["--token is a secret, which every user of the machine could read in a flag"]);
    assert.match(hint, /HAARLEM_TOKEN in the environment/);
  }
});

Deno.test("an address with a password is refused in a flag; without one it is taken", () => {
  const { lines, hint } = mistakes(["--broker", "mqtt://user:geheim@host"]);
  assert.deepEqual(lines, [
    "--broker holds a password, which every user of the machine could read in a flag",
  ]);
  assert.match(hint, /HAARLEM_BROKER in the environment/);
  assert.equal(read(["--broker", "mqtt://user@host:1883"]).broker, "mqtt://user@host:1883");
  const env = { HAARLEM_BROKER: "mqtt://user:geheim@host" };
  assert.equal(read([], env).broker, env.HAARLEM_BROKER);
});

Deno.test("no message shows a secret or the password of an address", () => {
  using file = settingsFile('token = "geheim"');
  using torn = settingsFile('token = "geheim\nqos = 1');
  const said = [
    mistakes([], { HAARLEM_TOKEN: "geheim" }),
    mistakes(["--config", file.path]),
    mistakes(["--config", torn.path]),
    mistakes(["--tokn", "geheim"]),
    mistakes([], { HAARLEM_BROKER: "http://user:geheim@host" }),
    mistakes(["--broker", "http://user:geheim@host"]),
    mistakes(["--broker", "user:geheim@host:1883"]),
    mistakes([], { HAARLEM_BROKER: "mqtt//u:ge@/ geheim@host" }),
    mistakes(["mqtt://user:geheim@host"]),
  ];
  for (const { lines, hint } of said) assert.doesNotMatch([...lines, hint].join("\n"), /geheim/);
  assert.equal(said[0].lines[0], "HAARLEM_TOKEN has a wrong value (not shown): should have 8 characters");
  assert.match(said[4].lines[0], /host/);
});

Deno.test("an unknown shared line of the file is a warning, and is reported with the mistakes when there are any", () => {
  using file = settingsFile('store = "s3://x"\nweather = 1\n');
  const settings = { config: text({ help: "a file" }), broker: text({ help: "a broker", required: true }) };
  const known = { programs: ["saver"], settings: { store: ["saver"], broker: ["saver"] }, variables: [] };
  const warnings: string[] = [];
  const read = (...args: string[]) =>
    readSettings("saver", settings, {
      args: ["--config", file.path, ...args],
      env: {},
      known,
      onWarning: (warning) => warnings.push(warning),
    });
  assert.equal(read("--broker", "mqtt://x").broker, "mqtt://x");
  assert.deepEqual(warnings, [`weather in "${file.path}": no program has such a setting`]);
  assert.throws(() => read(), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.message.split("\n"), ["--broker is required: a broker", ...warnings]);
    return true;
  });
});

/** Settings with a preset for two of them. */
const WITH_PRESET = {
  ...SETTINGS,
  preset: preset({
    help: "use the values of a preset",
    presets: { plain: { qos: "0", receipts: "off" }, wrong: { margin: "9" } },
  }),
};
const readPreset = (args: string[], env: Record<string, string> = {}) =>
  readSettings("saver", WITH_PRESET, { args, env });

Deno.test("a preset gives the values of settings that are given nowhere", () => {
  const plain = { ...DEFAULTS, qos: "0", receipts: false, preset: "plain" };
  assert.deepEqual(readPreset(["--preset", "plain"]), plain);
  assert.deepEqual(readPreset([], { HAARLEM_PRESET: "plain" }), plain);
  assert.deepEqual(readPreset([]), DEFAULTS);
});

Deno.test("a flag, the environment and the settings file go before a preset, and the place does not matter", () => {
  assert.equal(readPreset(["--qos", "1", "--preset", "plain"]).qos, "1");
  assert.equal(readPreset(["--preset", "plain"], { HAARLEM_QOS: "1" }).qos, "1");
  using file = settingsFile('preset = "plain"\n[saver]\nqos = 1\n');
  const { qos, receipts } = readPreset(["--config", file.path]);
  assert.deepEqual([qos, receipts], ["1", false]);
});

Deno.test("a preset that does not exist is a mistake, and so is a value that it gives", () => {
  assert.throws(
    () => readPreset(["--preset", "fancy"]),
    /--preset is "fancy": should be one of plain, wrong/,
  );
  assert.throws(() => readPreset(["--preset", "constructor"]), /should be one of/);
  assert.throws(
    () => readPreset(["--preset", "wrong"]),
    /--margin of the preset "wrong" is "9": should be a number/,
  );
});

Deno.test("the help of a preset lists its values", () => {
  assert.equal(
    WITH_PRESET.preset.details,
    "plain sets --qos 0, --receipts off. wrong sets --margin 9.",
  );
});
