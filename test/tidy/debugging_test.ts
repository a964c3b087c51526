/** The messages that docs/DEBUGGING.md quotes are those of the code. */
import assert from "node:assert/strict";
import { projectFile } from "../../lib/testing/files.ts";
import { isTest, typeScript } from "./sources.ts";

/** Shorter parts of a message prove nothing. */
const MIN_CHARACTERS = 6;

/** Messages of other programs. */
const FOREIGN = new Set(["connack timeout"]);

/** The texts of the programs: literals that are joined by `+` are one, and `${…}` is a gap. */
const TEXTS = typeScript("lib", "workers").filter((file) => !isTest(file))
  .map(({ text }) =>
    text.replace(/["`]\s*\+\s*["`]/g, "").replaceAll('\\"', '"').replace(/\$\{[^}]*\}/g, "\0")
  )
  .join("\n");

/** The messages in the first column of every table whose head begins with "message". */
function quotedMessages(page: string): string[] {
  return page.split(/\n\n/).filter((block) => block.startsWith("| message")).flatMap((table) =>
    table.split("\n").slice(2).flatMap((row) => {
      const [first] = row.slice(2).split(" | ");
      return first.startsWith("none") || first.startsWith("a page")
        ? []
        : Array.from(first.matchAll(/`([^`]+)`/g), ([, message]) => message);
    })
  );
}

Deno.test("every message that docs/DEBUGGING.md quotes is one of the code", async () => {
  const messages = quotedMessages(await projectFile("docs/DEBUGGING.md"));
  assert.ok(messages.length > 50, `${messages.length}`);
  const gone = messages.filter((message) => !FOREIGN.has(message)).flatMap((message) =>
    message.split("…").map((part) => part.replace(/^[;:, ]+|[:, ]+$/g, ""))
      .filter((part) => part.length >= MIN_CHARACTERS && !TEXTS.includes(part))
      .map((part) => `${message}: ${part}`)
  );
  assert.deepEqual(gone, []);
});
