/** What the demo reads in the logs of its programs. */
import assert from "node:assert/strict";
import { ConfigError, FatalError } from "../errors.ts";
import { PartLog } from "./part_log.ts";

Deno.test("a line of JSON is a message, any other line a warning", () => {
  const log = new PartLog("gallery");
  const info = JSON.stringify({ level: "info", message: "gallery at http://x/" });
  assert.deepEqual(log.read(info), { isWarning: false, text: "gallery at http://x/" });
  const warning = JSON.stringify({ level: "warning", message: "away\x1b[2J" });
  assert.deepEqual(log.read(warning), { isWarning: true, text: "away\\x1b[2J" });
  assert.deepEqual(log.read("Killed"), { isWarning: true, text: "Killed" });
});

Deno.test("the error of a program that ends has its message, its hint and its code", () => {
  const json = new PartLog("gallery");
  json.read(JSON.stringify({ level: "warning", message: "something before" }));
  json.read(JSON.stringify({ level: "error", message: "cannot listen", hint: "set --listen" }));
  const fatal = json.failure(1);
  assert.ok(fatal instanceof FatalError);
  assert.deepEqual([fatal.message, fatal.hint], [
    "cannot continue the demo: gallery: cannot listen",
    "set --listen",
  ]);

  const text = new PartLog("detector");
  for (const line of ["detector: --a is wrong", "detector: --b is wrong", "Try: run it with --help"]) {
    text.read(line);
  }
  const wrong = text.failure(78);
  assert.ok(wrong instanceof ConfigError);
  assert.equal(wrong.message, "cannot continue the demo: detector: --a is wrong\n--b is wrong");
  assert.equal(wrong.hint, "run it with --help");
});

Deno.test("a program that ends without a word is named with its exit code", () => {
  const { message } = new PartLog("saver").failure(137);
  assert.equal(message, "cannot continue the demo: the saver ended with exit code 137");
});
