/** The log: what a peer wrote stays harmless in it. */
import assert from "node:assert/strict";
import { output } from "./testing/command.ts";
import { ROOT } from "./testing/files.ts";
import { inFullSuite } from "./testing/skip.ts";

const LOG = new URL("log.ts", import.meta.url).href;

/** The log line of a warning with this message and these fields. */
async function logged(format: "text" | "json", message: string, fields: Record<string, string>) {
  const code = `import { openLog } from ${JSON.stringify(LOG)};
    const [format, message, fields] = ${JSON.stringify([format, message, fields])};
    openLog("saver", { level: "info", format }).warn(message, fields);`;
  return (await output(Deno.execPath(), ["eval", "--quiet", code], { cwd: ROOT })).stderr;
}

const HOSTILE = "gone\n2026-01-01T00:00:00.000Z saver: all is well\x1b[2J\x9b\u202e";

Deno.test("text of a peer can neither add a line to the log nor move the cursor", inFullSuite(), async () => {
  const text = await logged("text", HOSTILE, { broker: "a\nb\x1b[0m" });
  assert.match(text, /^\S+Z saver: WARNING gone\\n2026.*\\x1b\[2J\\x9b\\u202e broker=a\\nb\\x1b\[0m\n$/);
  const json = await logged("json", HOSTILE, { broker: "a\nb\x1b[0m" });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(JSON.parse(json).message, HOSTILE);
});

Deno.test("long text of a peer is cut in the log", inFullSuite(), async () => {
  for (const format of ["text", "json"] as const) {
    const line = await logged(format, "x".repeat(40_000), { reason: "y".repeat(40_000) });
    assert.ok(line.length < 10_000, `${line.length} characters`);
  }
});
