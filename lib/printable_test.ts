/** Hostile text on terminals and pages. */
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

Deno.test("printable() escapes control characters, escape sequences, direction marks and lone surrogates", () => {
  for (const text of HOSTILE) assert.doesNotMatch(printable(text), UNSAFE, JSON.stringify(text));
  assert.equal(printable("\x1b[31m\n\u202e"), "\\x1b[31m\\n\\u202e");
  assert.equal(printable("\ud800"), "\\ud800");
  assert.equal(printable("\u{e0041}"), "\\u{e0041}");
});

Deno.test("printable() keeps text of any language unchanged", () => {
  for (const text of ["Tür 3, 20 °C", "صورة", "門 😀", `"a" <b> C:\\d`]) assert.equal(printable(text), text);
});

Deno.test("printable() cuts a long text, but never within a character", () => {
  assert.equal(printable("x".repeat(1_000_000), { max: 10 }), `${"x".repeat(10)}…`);
  assert.equal(printable("x".repeat(9) + "😀y", { max: 10 }), `${"x".repeat(9)}…`);
  assert.equal(printable("x".repeat(10), { max: 10 }), "x".repeat(10));
});

Deno.test("printable() keeps line feeds only with the option `lines`", () => {
  assert.equal(printable("a\nb\rc\x1b", { lines: true }), "a\nb\\rc\\x1b");
});

Deno.test("printableJson() parses to the same value and holds no control character", () => {
  const value = { texts: HOSTILE.map((text) => text.toWellFormed()), number: 1 };
  assert.deepEqual(JSON.parse(printableJson(value)), value);
  assert.doesNotMatch(printableJson(value), UNSAFE);
});

Deno.test("messageOf() is printable and limited, whatever the message", () => {
  for (const text of HOSTILE.filter((text) => !text.includes("\n"))) {
    assert.doesNotMatch(messageOf(new Error(`S3: ${text}`)), UNSAFE);
    assert.doesNotMatch(messageOf(text), UNSAFE);
  }
  assert.ok(messageOf(new Error("x".repeat(1_000_000))).length < 10_000);
  assert.equal(messageOf(new Error("--a is wrong\n--b is wrong")), "--a is wrong\n--b is wrong");
});
