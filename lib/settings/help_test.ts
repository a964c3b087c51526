/** The text of `--help` and the tables of docs/SETTINGS.md. */
import assert from "node:assert/strict";
import { choice, flag, grouped, number, text } from "./declare.ts";
import { helpText, settingsTables } from "./help.ts";

const SETTINGS = {
  ...grouped("storage", {
    store: text({ help: "a bucket or a folder", placeholder: "s3://BUCKET|DIR", required: true }),
    aVeryLongNameForOneSetting: text({ help: "something", placeholder: "PLACEHOLDER" }),
  }),
  ...grouped("search", {
    minSize: number({
      help: "smaller faces are ignored ".repeat(6).trim(),
      details: "The unit is pixels.",
      min: 0,
      max: 9,
      fallback: "0",
    }),
    mode: choice(["a", "b"], { help: "a or b", fallback: "a" }),
  }),
  once: flag({ help: "exit with the input" }),
  token: text({ help: "access token", secret: true }),
};
const PROGRAM = { name: "saver", summary: "stores faces", settings: SETTINGS, examples: ["--store ./faces"] };

Deno.test("helpText() shows every setting in its group, with its default or that it is required", () => {
  const help = helpText(PROGRAM);
  assert.match(help, /^saver: stores faces\n/);
  assert.match(help, /\n {7}\.\/haarlem saver --store \.\/faces\n/);
  assert.match(help, /\nStorage:\n {2}--store s3:\/\/BUCKET\|DIR +a bucket or a folder \(required\)\n/);
  assert.match(help, /\n\nSearch:\n {2}--min-size N +smaller faces/);
  assert.match(help, /\[0\]\n/);
  assert.match(
    help,
    /\n\nSettings:\n {2}--once +exit with the input\n/,
    "a flag without a value has no default",
  );
  assert.match(help, /\n {2}HAARLEM_TOKEN +access token\n/, "a secret has no flag");
  assert.match(help, /HAARLEM_SAVER_NAME for this program alone/);
  assert.match(help, /\nExit codes: 0 stopped, 1 failed, 78 settings wrong\.$/);
  const doctor = helpText({ ...PROGRAM, exitCodes: "0 nothing is wrong, 1 something is" });
  assert.match(doctor, /\nExit codes: 0 nothing is wrong, 1 something is, 78 settings wrong\.$/);
});

Deno.test("helpText() shows the basics and how to see the rest, with `all` the details too", () => {
  const program = { ...PROGRAM, basics: ["store", "minSize"] };
  const flags = (help: string) =>
    Array.from(help.matchAll(/^ {2}(--[\w-]+|HAARLEM_\w+)/gm), ([, name]) => name);
  const short = helpText(program);
  assert.deepEqual(flags(short), ["--store", "--min-size"]);
  assert.match(short, /\n\.\/haarlem saver --help all lists all 6 settings\.\n/);
  assert.doesNotMatch(short, /unit is pixels/);
  const long = helpText(program, { all: true });
  assert.equal(flags(long).length, 6);
  assert.doesNotMatch(long, /--help all/);
  assert.match(long, /\n {20,}The unit is pixels\.\n/);
});

Deno.test("helpText() keeps to its width, its second column aligned", () => {
  const lines = helpText(PROGRAM).split("\n");
  for (const line of lines) assert.ok(line.length <= 100, line);
  const column = lines.find((line) => line.includes("--store s3"))!.indexOf("a bucket");
  const long = lines.findIndex((line) => line.includes("--a-very-long-name"));
  assert.equal(lines[long].trim(), "--a-very-long-name-for-one-setting PLACEHOLDER");
  assert.equal(lines[long + 1], `${" ".repeat(column)}something`);
  const size = lines.findIndex((line) => line.includes("--min-size"));
  assert.match(lines[size + 1], new RegExp(`^ {${column}}\\S`));
});

Deno.test("settingsTables() is a Markdown table for each group, whose cells keep their bars", () => {
  const lines = settingsTables(SETTINGS).split("\n");
  assert.deepEqual(lines.slice(0, 5), [
    "**storage**",
    "",
    "| setting | default | meaning |",
    "|---|---|---|",
    "| `--store s3://BUCKET\\|DIR` | required | a bucket or a folder |",
  ]);
  assert.ok(lines.includes("| `--mode a\\|b` | `a` | a or b |"));
  assert.ok(lines.includes("| `--once` |  | exit with the input |"));
  assert.ok(lines.includes("| `HAARLEM_TOKEN` |  | access token |"));
  assert.ok(lines.some((line) => line.endsWith("ignored. The unit is pixels. |")));
  assert.equal(lines.filter((line) => line.startsWith("**")).length, 3);
});
