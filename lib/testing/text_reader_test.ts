/** Reading a stream as far as a text. */
import assert from "node:assert/strict";
import { TextReader } from "./text_reader.ts";

Deno.test("a stream is read as far as a text, and one that ends before it is an error", async () => {
  const reader = new TextReader(new Blob(["event: ready\n"]).stream());
  await reader.until(/ready/);
  await assert.rejects(reader.until(/removed/), /ended before \/removed\/:\nevent: ready\n/);
});
