/** The status line and the lines above it, as a real terminal shows them. */
import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { StatusLine } from "./status_line.ts";

/** What a terminal shows after these writes. */
async function shown(texts: readonly string[]): Promise<string[]> {
  const screen = new xterm.Terminal({ cols: 40, rows: 10, allowProposedApi: true });
  await new Promise<void>((resolve) => screen.write(texts.join("").replaceAll("\n", "\r\n"), resolve));
  const lines = Array.from(
    { length: 10 },
    (_, row) => screen.buffer.active.getLine(row)!.translateToString(true).trimEnd(),
  );
  screen.dispose();
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

for (const hasEscapes of [true, false]) {
  const how = hasEscapes ? "by escape codes" : "by spaces";
  Deno.test(`lines of the log stay whole above the status line, which is erased ${how}`, async () => {
    const texts: string[] = [];
    const write = (text: string) => void texts.push(text);
    const line = new StatusLine(write, { hasEscapes });
    line.above(() => write("before\n"));
    line.show("a long status of 30 columns ..");
    line.above(() => write("first\n"));
    line.show("short");
    line.above(() => write("second\nthird\n"));
    assert.deepEqual(await shown(texts), ["before", "first", "second", "third", "short"]);
    assert.equal(texts.join("").includes("\x1b"), hasEscapes);
    line.end();
    line.above(() => write("after\n"));
    assert.deepEqual(await shown(texts), ["before", "first", "second", "third", "after"]);
  });
}

Deno.test("an unchanged status writes nothing, and a closed terminal ends no program", () => {
  const texts: string[] = [];
  const line = new StatusLine((text) => void texts.push(text), { hasEscapes: true });
  line.show("same");
  line.show("same");
  assert.deepEqual(texts, ["same"]);
  const closed = new StatusLine(
    () => {
      throw new Deno.errors.BrokenPipe("closed");
    },
    { hasEscapes: true },
  );
  closed.show("text");
  closed.end();
});
