/** The access token: which ones are refused, and the keys made from one. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { TokenKeys, wrongToken } from "./token.ts";

Deno.test("wrongToken() accepts random tokens", () => {
  const made = Array.from({ length: 3_000 }, () => {
    const bytes = randomBytes(16);
    return [
      bytes.toString("hex"),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      crypto.randomUUID(),
    ];
  }).flat();
  const fixed = [
    "3f9c1b7e5a2d4806",
    "Tr0ub4dor&3-clip-Staple",
    "correct-horse-battery-staple",
    "x8!kQz29Lm#pWv4s",
  ];
  for (const token of [...fixed, ...made]) assert.equal(wrongToken(token), undefined, token);
});

Deno.test("wrongToken() refuses tokens that are short, cannot be sent in a header, or are easy to guess", () => {
  for (
    const token of [
      "",
      "short",
      "3f9c1b7e5a2d480",
      "with a space in it!",
      "ünïcödé-token-here",
      "x".repeat(201),
    ]
  ) {
    assert.match(wrongToken(token)!, /^should be 16 to 200 ASCII/, token);
  }
  const weak = [
    "aaaaaaaaaaaaaaaa",
    "abababababababab",
    "1234567890123456",
    "abcdefghijklmnop",
    "passwordpassword",
    "haarlem-gallery-token-1",
    "changeme-changeme-changeme",
    "qwertyqwertyqwerty",
    "secretsecret2026",
    "0123456789abcdef",
    "iloveyouiloveyou",
    "I-Love-You-2026-!",
    "peterpeterpeter1",
    "peter1peter2peter3peter4",
    "Hunter2hunter2HUNTER2",
    "amsterdamamsterdam",
    "manchester-manchester",
    "1q2w3e4r5t6y7u8i",
    "1qaz2wsx3edc4rfv",
    "poiuytrewqlkjhgf",
    "qazwsxedcrfvtgby",
    "abc123def456ghi7",
    "aaa000xxx777ppp+",
    "1122334455667788",
  ];
  for (const token of weak) {
    assert.match(wrongToken(token)!, /^should be random, .* the given one is easy to guess$/, token);
  }
});

Deno.test("keys sign for one purpose and one token only", () => {
  const [keys, others] = [new TokenKeys("one-token"), new TokenKeys("other-token")];
  const signature = keys.sign("session", "text");
  assert.match(signature, /^[\w-]{22}$/);
  assert.ok(keys.isSigned("session", "text", signature));
  assert.ok(new TokenKeys("one-token").isSigned("session", "text", signature));
  assert.ok(!keys.isSigned("share", "text", signature));
  assert.ok(!keys.isSigned("session", "texts", signature));
  assert.ok(!others.isSigned("session", "text", signature));
  assert.deepEqual(["one-token", "One-token", ""].map((given) => keys.isToken(given)), [true, false, false]);
});
