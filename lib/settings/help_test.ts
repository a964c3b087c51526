import assert from "node:assert/strict";
import { helpText, settingsTable } from "./help.ts";
import { choice, flag, number, text } from "./declare.ts";

const SETTINGS = {
  store: text({ help: "where the faces are", placeholder: "s3://BUCKET|DIR", required: true }),
  aVeryLongNameForOneSetting: text({ help: "something", placeholder: "PLACEHOLDER" }),
  minSize: number({ help: "smaller faces are passed over ".repeat(6).trim(), min: 0, max: 9, fallback: "0" }),
  mode: choice(["a", "b"], { help: "a or b", fallback: "a" }),
  once: flag({ help: "end with the input" }),
  token: text({ help: "who may look", secret: true }),
};
const PROGRAM = { name: "saver", summary: "stores faces", settings: SETTINGS, examples: ["--store ./faces"] };

Deno.test("helpText() shows every setting, with what it needs and its default", () => {
  const help = helpText(PROGRAM);
  assert.match(help, /^saver: stores faces\n/);
  assert.match(help, /\n {7}saver --store \.\/faces\n/);
  assert.match(help, /\n {2}--store s3:\/\/BUCKET\|DIR +where the faces are \(needed\)\n/);
  assert.match(help, /\n {2}--min-size N +smaller faces/);
  assert.match(help, /\[0\]\n/);
  assert.match(help, /\n {2}--once +end with the input\n/, "a plain flag has no default to speak of");
  assert.match(help, /\n {2}HAARLEM_TOKEN +who may look\n/, "a secret has no flag");
  assert.match(help, /HAARLEM_SAVER_NAME for this program alone/);
});

Deno.test("helpText() keeps to its width, its second column aligned", () => {
  const lines = helpText(PROGRAM).split("\n");
  for (const line of lines.slice(0, -2)) assert.ok(line.length <= 100, line);
  const column = lines.find((line) => line.includes("--store s3"))!.indexOf("where");
  const long = lines.findIndex((line) => line.includes("--a-very-long-name"));
  assert.equal(lines[long].trim(), "--a-very-long-name-for-one-setting PLACEHOLDER");
  assert.equal(lines[long + 1], `${" ".repeat(column)}something`);
  const size = lines.findIndex((line) => line.includes("--min-size"));
  assert.match(lines[size + 1], new RegExp(`^ {${column}}\\S`));
});

Deno.test("settingsTable() is a Markdown table whose cells keep their bars", () => {
  const lines = settingsTable(SETTINGS).split("\n");
  assert.equal(lines.length, 2 + Object.keys(SETTINGS).length);
  assert.equal(lines[2], "| `--store s3://BUCKET\\|DIR` |  | where the faces are |");
  assert.equal(lines[5], "| `--mode a\\|b` | `a` | a or b |");
  assert.equal(lines[6], "| `--once` |  | end with the input |");
  assert.equal(lines[7], "| `HAARLEM_TOKEN` |  | who may look |");
});
