/** The programs that tests start. */
import assert from "node:assert/strict";
import { RunningProgram } from "../../test/servers/run_program.ts";

Deno.test("a program that does not end is an error with its output, and ends with the test", async () => {
  const script = "sleep 600 & echo began; wait"; // Its child holds its output open.
  await using shell = new RunningProgram("shell", ["-c", script], { command: ["sh"] });
  await shell.printed(/began/);
  await assert.rejects(shell.ended({ limitMs: 10 }), /^Error: shell did not end within 0.01 s:\nbegan\n/);
});
