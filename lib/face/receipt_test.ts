/** The format of receipts, and hostile ones. */
import assert from "node:assert/strict";
import { formatReceipts, parseReceipts, type Receipt } from "./receipt.ts";

const [A, B, C] = ["a1", "b2", "c3"].map((part) => part.repeat(32));
const parse = (text: string) => parseReceipts(new TextEncoder().encode(text));

Deno.test("several receipts of one message are read as they were written", () => {
  const receipts: Receipt[] = [{ id: A }, { id: B, refused: "no PNG: neither \"a\" nor 'b'" }, { id: C }];
  assert.deepEqual(parseReceipts(formatReceipts(receipts)), receipts);
  assert.equal(new TextDecoder().decode(formatReceipts([{ id: A }])), A, "a bare receipt is 64 hex digits");
  assert.deepEqual(parseReceipts(formatReceipts([])), []);
});

Deno.test("a rejection stays a rejection with any reason", () => {
  for (const reason of ["", " ", "two\nlines", "two\r\nlines", "a\rb", "a\u2028b", `x\n${A}`]) {
    const receipts = parseReceipts(formatReceipts([{ id: B, refused: reason }]));
    assert.deepEqual(receipts.map(({ id }) => id), [B], JSON.stringify(reason));
    assert.notEqual(receipts[0].refused, undefined, JSON.stringify(reason));
  }
});

Deno.test("the reason of a rejection is printable and limited", () => {
  const [{ refused }] = parse(`${A} refused \x1b]0;owned\x07${"x".repeat(1_000_000)}`);
  assert.match(refused!, /^\\x1b\]0;owned\\x07x+…$/);
  assert.ok(refused!.length < 400, `${refused!.length} characters`);
  assert.ok(formatReceipts([{ id: A, refused: "x".repeat(1_000_000) }]).length < 500);
});

Deno.test("lines that are not receipts are ignored", () => {
  const noise = ["", "hello", A.toUpperCase(), A.slice(1), `${A}a`, `${A} stored`, `${A} refusedly`];
  assert.deepEqual(parse([...noise, `  ${B}\r`, C].join("\n")), [{ id: B }, { id: C }]);
  assert.deepEqual(parseReceipts(Uint8Array.of(0xff, 0xfe, 0, 10, 0x80)), []);
});
