/** Other programs that run to their end. */
import assert from "node:assert/strict";
import { output, run } from "./command.ts";

Deno.test("a program may print more than a pipe holds before it has read everything", async () => {
  const text = "x".repeat(1_000_000);
  assert.equal(await run("cat", [], { stdin: text }), text);
});

Deno.test("a program that does not end in time is an error with its output, and its children end", async () => {
  const script = "echo began; sleep 600 & wait"; // The child holds the output open.
  await assert.rejects(
    output("sh", ["-c", script], { limitMs: 200 }),
    /^Error: sh .* did not end within 0.2 s:\nbegan\n$/,
  );
});
