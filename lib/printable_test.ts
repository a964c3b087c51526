import assert from "node:assert/strict";
import { messageOf } from "./errors.ts";
import { printable, printableJson } from "./printable.ts";

const HOSTILE = [
  "\x1b]0;owned\x07",
  "\x1b[2J",
  "a\nERROR forged",
  "a\r\rb",
  "\x9b31m",
  "\x7f",
  "\u202egnp.exe",
  "\u2028",
  "\u200b",
  "\ud800",
  "\u{e0041}",
  "\0",
];
// deno-lint-ignore no-control-regex
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}|\u{e0041}/u;

Deno.test("printable() lets no control, escape sequence, direction mark or half character through", () => {
  for (const text of HOSTILE) assert.doesNotMatch(printable(text), UNSAFE, JSON.stringify(text));
  assert.equal(printable("\x1b[31m\n\u202e"), "\\x1b[31m\\n\\u202e");
  assert.equal(printable("\ud800"), "\\ud800");
  assert.equal(printable("\u{e0041}"), "\\u{e0041}");
});

Deno.test("printable() leaves words of any language as they are", () => {
  for (const text of ["Tür 3, 20 °C", "صورة", "門 😀", `"a" <b> C:\\d`]) assert.equal(printable(text), text);
});

Deno.test("printable() cuts what is long, not within a character", () => {
  assert.equal(printable("x".repeat(1_000_000), { max: 10 }), `${"x".repeat(10)}…`);
  assert.equal(printable("x".repeat(9) + "😀y", { max: 10 }), `${"x".repeat(9)}…`);
  assert.equal(printable("x".repeat(10), { max: 10 }), "x".repeat(10));
});

Deno.test("printable() keeps the ends of lines only where it is asked to", () => {
  assert.equal(printable("a\nb\rc\x1b", { lines: true }), "a\nb\\rc\\x1b");
});

Deno.test("printableJson() is read as the same value and holds nothing that a terminal would obey", () => {
  const value = { texts: HOSTILE.map((text) => text.toWellFormed()), number: 1 };
  assert.deepEqual(JSON.parse(printableJson(value)), value);
  assert.doesNotMatch(printableJson(value), UNSAFE);
});

Deno.test("messageOf() is printable and cut, whoever wrote the message", () => {
  for (const text of HOSTILE.filter((text) => !text.includes("\n"))) {
    assert.doesNotMatch(messageOf(new Error(`S3: ${text}`)), UNSAFE);
    assert.doesNotMatch(messageOf(text), UNSAFE);
  }
  assert.ok(messageOf(new Error("x".repeat(1_000_000))).length < 10_000);
  assert.equal(messageOf(new Error("--a is wrong\n--b is wrong")), "--a is wrong\n--b is wrong");
});
