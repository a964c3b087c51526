/** The command that starts a program. */
import assert from "node:assert/strict";
import { commandOf } from "./command.ts";

Deno.test("commandOf() names the starter in a checkout, and the executable outside it", () => {
  assert.equal(commandOf("saver"), "./haarlem saver");
  const executable = (execPath: string) => commandOf("saver", { standalone: true, execPath });
  assert.equal(executable("/usr/bin/haarlem"), "haarlem saver");
  assert.equal(executable("/opt/haarlem-saver"), "haarlem-saver");
  assert.equal(executable("/usr/bin/renamed"), "haarlem saver");
});
