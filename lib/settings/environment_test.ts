import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { readEnvironment, unknownVariables } from "./environment.ts";
import { readSettings, text } from "./declare.ts";

const FLAGS = ["broker", "qos", "min-size", "store", "token"];
const texts = (environment: Record<string, string>) =>
  Object.fromEntries(
    Array.from(readEnvironment("saver", FLAGS, environment), ([name, { text }]) => [name, text]),
  );
const unknown = (environment: Record<string, string>) => unknownVariables("saver", FLAGS, environment);

Deno.test("a carriage return at the end of a value and quotes around it are taken away", () => {
  assert.deepEqual(texts({ HAARLEM_QOS: "1\r", HAARLEM_BROKER: '"mqtt://x"', HAARLEM_TOKEN: "'a b'\r\n" }), {
    qos: "1",
    broker: "mqtt://x",
    token: "a b",
  });
  assert.deepEqual(texts({ HAARLEM_QOS: "\r", HAARLEM_BROKER: '""' }), {}, "as good as none");
  const kept = { HAARLEM_QOS: '"a" "b"', HAARLEM_BROKER: '"', HAARLEM_TOKEN: "x'", HAARLEM_STORE: "a\rb" };
  assert.deepEqual(Object.values(texts(kept)).sort(), Object.values(kept).sort());
});

Deno.test("a variable for one program goes before the one for all, also when both end with a carriage return", () => {
  assert.deepEqual(texts({ HAARLEM_SAVER_QOS: "0\r", HAARLEM_QOS: "1\r" }), { qos: "0" });
  assert.deepEqual(texts({ HAARLEM_SAVER_QOS: "\r", HAARLEM_QOS: "1" }), { qos: "1" });
});

Deno.test("a variable that is no setting is reported with the nearest one", () => {
  assert.deepEqual(unknown({ HAARLEM_BROKR: "geheim", HAARLEM_MINSIZE: "1", HAARLEM_WEATHER_REPORT: "1" }), [
    { message: "HAARLEM_BROKR in the environment is no setting", near: "HAARLEM_BROKER", isOwn: false },
    { message: "HAARLEM_MINSIZE in the environment is no setting", near: "HAARLEM_MIN_SIZE", isOwn: false },
    { message: "HAARLEM_WEATHER_REPORT in the environment is no setting", near: undefined, isOwn: false },
  ]);
  assert.deepEqual(unknown({ HAARLEM_SAVER_STOR: "x" }), [{
    message: "HAARLEM_SAVER_STOR in the environment is no setting of saver",
    near: "HAARLEM_SAVER_STORE",
    isOwn: true,
  }]);
  assert.deepEqual(unknown({ HAARLEM_SAVER_SOURCE: "x" }).map(({ isOwn }) => isOwn), [true]);
  assert.deepEqual(unknown({ HAARLEM_DETECTOR_SOURC: "x" }).map(({ isOwn }) => isOwn), [false]);
});

Deno.test("settings of other programs, of the starter and of Kubernetes are no slips", () => {
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
  assert.deepEqual(unknown(Object.fromEntries(others.map((name) => [name, "tcp://10.0.0.1:80"]))), []);
  assert.equal(unknown({ HAARLEM_SAVER_PORT: "9100" }).length, 1);
});

Deno.test("a slip in a program's own variable ends it, any other one is a warning, told even when it ends", () => {
  const settings = { store: text({ help: "where", required: true }), broker: text({ help: "broker" }) };
  const read = (env: Record<string, string>) => {
    const warnings: string[] = [];
    try {
      readSettings("saver", settings, { args: [], env, onWarning: (warning) => warnings.push(warning) });
      return { warnings, lines: [], hint: "" };
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return { warnings, lines: error.message.split("\n"), hint: error.hint };
    }
  };
  assert.deepEqual(read({ HAARLEM_STORE: "x", HAARLEM_BROKR: "y" }), {
    warnings: ["HAARLEM_BROKR in the environment is no setting; Try: set HAARLEM_BROKER"],
    lines: [],
    hint: "",
  });
  const own = read({ HAARLEM_STORE: "x", HAARLEM_SAVER_BROKR: "y" });
  assert.deepEqual(own.lines, ["HAARLEM_SAVER_BROKR in the environment is no setting of saver"]);
  assert.match(own.hint!, /^set HAARLEM_SAVER_BROKER {2}or/);
  assert.deepEqual(read({ HAARLEM_STOR: "x" }).lines, [
    "--store is missing: where",
    "HAARLEM_STOR in the environment is no setting; Try: set HAARLEM_STORE",
  ]);
});

Deno.test("a thousand strange variables are a handful of warnings", () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`HAARLEM_X${index}`, ""]));
  assert.equal(unknown(many).length, 20);
});
