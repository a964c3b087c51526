/** Settings from the environment, and variables that are not settings. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { text } from "./declare.ts";
import { readEnvironment } from "./environment.ts";
import { readSettings } from "./read.ts";
import type { Problems, Reader } from "./source.ts";

const KNOWN = {
  programs: ["detector", "gallery", "saver"],
  settings: Object.fromEntries(
    ["broker", "qos", "min-size", "store", "token", "source", "cloud"].map((name) => [name, ["saver"]]),
  ),
  variables: ["HAARLEM_DENO", "HAARLEM_CACHE"],
};
const READER: Reader = {
  program: "saver",
  names: ["broker", "qos", "min-size", "store", "token"],
  known: KNOWN,
};

/** The texts that the saver reads, and the problems. */
function read(environment: Record<string, string>) {
  const problems: Problems = { mistakes: [], warnings: [], hints: new Set() };
  const given = readEnvironment(READER, environment, problems);
  const texts = Object.fromEntries(Array.from(given, ([name, { text }]) => [name, text]));
  return { texts, ...problems, hints: [...problems.hints] };
}

Deno.test("a carriage return at the end of a value and quotes around it are removed", () => {
  const { texts } = read({ HAARLEM_QOS: "1\r", HAARLEM_BROKER: '"mqtt://x"', HAARLEM_TOKEN: "'a b'\r\n" });
  assert.deepEqual(texts, { qos: "1", broker: "mqtt://x", token: "a b" });
  assert.deepEqual(read({ HAARLEM_QOS: "\r", HAARLEM_BROKER: '""' }).texts, {}, "counts as absent");
  const kept = { HAARLEM_QOS: '"a" "b"', HAARLEM_BROKER: '"', HAARLEM_TOKEN: "x'", HAARLEM_STORE: "a\rb" };
  assert.deepEqual(Object.values(read(kept).texts).sort(), Object.values(kept).sort());
});

Deno.test("a variable for one program goes before the one for all, also with a carriage return", () => {
  assert.deepEqual(read({ HAARLEM_SAVER_QOS: "0\r", HAARLEM_QOS: "1\r" }).texts, { qos: "0" });
  assert.deepEqual(read({ HAARLEM_SAVER_QOS: "\r", HAARLEM_QOS: "1" }).texts, { qos: "1" });
});

Deno.test("a variable that is not a setting is a warning with the nearest setting", () => {
  const unknown = { HAARLEM_BROKR: "geheim", HAARLEM_MINSIZE: "1", HAARLEM_WEATHER_REPORT: "1" };
  const { warnings, mistakes } = read(unknown);
  assert.deepEqual(warnings, [
    "HAARLEM_BROKR in the environment is not a setting. Try: set HAARLEM_BROKER",
    "HAARLEM_MINSIZE in the environment is not a setting. Try: set HAARLEM_MIN_SIZE",
    "HAARLEM_WEATHER_REPORT in the environment is not a setting",
  ]);
  assert.deepEqual(mistakes, []);
});

Deno.test("a variable that is not a setting of another program is a warning with the nearest one", () => {
  const unknown = { HAARLEM_DETECTOR_SOURC: "x", HAARLEM_GALERY_TOKEN: "x", HAARLEM_SAVR_QOS: "1" };
  assert.deepEqual(read(unknown).warnings, [
    "HAARLEM_DETECTOR_SOURC in the environment is not a setting. Try: set HAARLEM_DETECTOR_SOURCE",
    "HAARLEM_GALERY_TOKEN in the environment is not a setting. Try: set HAARLEM_GALLERY_TOKEN",
    "HAARLEM_SAVR_QOS in the environment is not a setting. Try: set HAARLEM_SAVER_QOS",
  ]);
});

Deno.test("a name in lower case or after a byte order mark is not a setting", () => {
  assert.deepEqual(
    read({ haarlem_broker: "x", HAARLEM_min_size: "1", "\ufeffHAARLEM_BROKER": "x" }).warnings,
    [
      "HAARLEM_min_size in the environment is not a setting. Try: set HAARLEM_MIN_SIZE",
      "haarlem_broker in the environment is not a setting. Try: set HAARLEM_BROKER",
      "HAARLEM_BROKER in the environment, with a byte order mark before its name, is not a setting. " +
      "Try: set HAARLEM_BROKER",
    ],
  );
  const { mistakes, hints } = read({ "\ufeffHAARLEM_SAVER_STORE": "x" });
  assert.deepEqual(mistakes, [
    "HAARLEM_SAVER_STORE in the environment, with a byte order mark before its name, is not a setting of saver",
  ]);
  assert.deepEqual(hints, ["set HAARLEM_SAVER_STORE"]);
});

Deno.test("a variable with the program's own prefix that is not its setting is a mistake", () => {
  const { mistakes, hints, warnings } = read({ HAARLEM_SAVER_STOR: "x", HAARLEM_SAVER_SOURCE: "x" });
  assert.deepEqual(mistakes, [
    "HAARLEM_SAVER_SOURCE in the environment is not a setting of saver",
    "HAARLEM_SAVER_STOR in the environment is not a setting of saver",
  ]);
  assert.ok(hints.includes("set HAARLEM_SAVER_STORE"), String(hints));
  assert.deepEqual(warnings, []);
});

Deno.test("settings of other programs, variables of the starter and of Kubernetes are accepted", () => {
  const others = [
    "HAARLEM_SOURCE",
    "HAARLEM_CLOUD",
    "HAARLEM_DETECTOR_SOURCE",
    "HAARLEM_GALLERY_TOKEN",
    "HAARLEM_SAVER_BROKER",
    "HAARLEM_DENO",
    "HAARLEM_CACHE",
    "HAARLEM_SAVER_SERVICE_HOST",
    "HAARLEM_SAVER_SERVICE_PORT",
    "HAARLEM_SAVER_SERVICE_PORT_HEALTH",
    "HAARLEM_SAVER_PORT",
    "HAARLEM_SAVER_PORT_9100_TCP_ADDR",
    "AWS_REGION",
    "HAARLEMMERMEER",
  ];
  const { mistakes, warnings } = read(Object.fromEntries(others.map((name) => [name, "tcp://10.0.0.1:80"])));
  assert.deepEqual([mistakes, warnings], [[], []]);
  assert.equal(read({ HAARLEM_SAVER_PORT: "9100" }).mistakes.length, 1);
});

Deno.test("a warning about a variable is shown with the mistakes that end the program", () => {
  const settings = { store: text({ help: "a folder", required: true }) };
  const run = () => readSettings("saver", settings, { args: [], env: { HAARLEM_STOR: "x" }, known: KNOWN });
  assert.throws(run, (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.message.split("\n"), [
      "--store is required: a folder",
      "HAARLEM_STOR in the environment is not a setting. Try: set HAARLEM_STORE",
    ]);
    return true;
  });
});

Deno.test("at most twenty unknown variables are named, and the others are counted", () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`HAARLEM_A${index}`, ""]));
  const { warnings } = read(many);
  assert.equal(warnings.length, 21);
  assert.equal(warnings.at(-1), "980 more variables in the environment are not settings");
  // A mistake ends the program: warnings that come before it in the alphabet hide none.
  const { mistakes } = read({ ...many, HAARLEM_SAVER_STOR: "x" });
  assert.deepEqual(mistakes, ["HAARLEM_SAVER_STOR in the environment is not a setting of saver"]);
});
