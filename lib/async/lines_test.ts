/** Splitting text into lines. */
import assert from "node:assert/strict";
import { TextLineStream } from "./lines.ts";

const lines = (...chunks: string[]) =>
  Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream()));

Deno.test("lines end with LF or CRLF, wherever the stream is split into chunks", async () => {
  assert.deepEqual(await lines("a\nb", "c\r", "\n\nd"), ["a", "bc", "", "d"]);
  assert.deepEqual(await lines("a\n"), ["a"]);
  assert.deepEqual(await lines("", ""), []);
});
