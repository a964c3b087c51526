import assert from "node:assert/strict";
import { TextLineStream } from "./lines.ts";

const lines = (...chunks: string[]) =>
  Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream()));

Deno.test("lines end with a newline, with or without a carriage return, wherever the chunks are cut", async () => {
  assert.deepEqual(await lines("a\nb", "c\r", "\n\nd"), ["a", "bc", "", "d"]);
  assert.deepEqual(await lines("a\n"), ["a"]);
  assert.deepEqual(await lines("", ""), []);
});
