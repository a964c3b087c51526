/** Lines on a stream that is full for a while. */
import assert from "node:assert/strict";
import { LineWriter } from "./line_writer.ts";

/** A stream with a limited number of free bytes. */
class Stream {
  text = "";
  room = 0;
  write = (bytes: Uint8Array): number => {
    const taken = Math.min(this.room, bytes.length, 3);
    if (taken === 0) throw new Error("full");
    this.text += new TextDecoder().decode(bytes.subarray(0, taken));
    this.room -= taken;
    return taken;
  };
}

Deno.test("a line is written in several parts when the stream takes only a part", () => {
  const stream = new Stream();
  stream.room = 100;
  new LineWriter(stream.write).line("one line\n");
  assert.equal(stream.text, "one line\n");
});

Deno.test("lines that cannot be written are lost and counted, and the next one starts on a new line", () => {
  const stream = new Stream();
  const lines = new LineWriter(stream.write);
  stream.room = 4;
  assert.throws(() => lines.line("first\n"), /full/);
  assert.throws(() => lines.line("second\n"), /full/);
  assert.equal(lines.lost, 2);
  stream.room = 100;
  lines.line("third\n");
  assert.equal(stream.text, "firs\nthird\n");
  assert.equal(lines.lost, 0);
  lines.line("fourth\n");
  assert.equal(stream.text, "firs\nthird\nfourth\n");
});
