/** Reading the shell blocks of a document. */
import assert from "node:assert/strict";
import { missingLine, replaceEach, stepsOf } from "./blocks.ts";

Deno.test("the steps of a document are its shell blocks, each with its comment and what it promises", () => {
  const document = [
    "# Title",
    "<!-- test: background broker -->",
    "```sh",
    "mosquitto",
    "```",
    "It prints:",
    "```text",
    "1: …",
    "```",
    "<!-- test: not run, since it needs an account -->",
    "```sh",
    "aws s3 ls",
    "```",
    "<!-- test: stop broker -->",
    "## Next",
    "```text",
    "a sign",
    "```",
  ].join("\n");
  assert.deepEqual(stepsOf(document), [
    { line: 3, action: "background", detail: "broker", code: "mosquitto", promised: ["1: …"] },
    { line: 11, action: "not run", detail: "it needs an account", code: "aws s3 ls", promised: [] },
    { line: 14, action: "stop", detail: "broker", code: "", promised: [] },
  ]);
  assert.throws(() => stepsOf("```sh\nls\n```"), /line 1: the block has no comment/);
});

Deno.test("promised lines are printed in order, with any text for …", () => {
  const printed = "a 1 b\nsomething else\n  c   2.5\n";
  assert.equal(missingLine(printed, ["a … b", "c …"]), undefined);
  assert.equal(missingLine(printed, ["c …", "a … b"]), "a … b");
  assert.equal(missingLine(printed, ["c 2x5"]), "c 2x5");
});

Deno.test("what stands in for a text is not replaced by that of another text", () => {
  const standIns = [["1883", "28080"], ["8080", "21883"], ["a.b", "c"]] as const;
  assert.equal(replaceEach("1883 8080 a.b aab", standIns), "28080 21883 c aab");
});
