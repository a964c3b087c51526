/** Object keys and URL paths of faces. */
import assert from "node:assert/strict";
import { isFaceKey, keyOf, urlOf } from "./face_address.ts";

Deno.test("keyOf() reverses urlOf() for any characters", () => {
  for (
    const key of [
      "2026-01-31/23-59-59-123_door_0123456789ab.png",
      "HW3/12-31-2026-23-59-59_image.png",
      `a b/ü%2f?#&"'<img src=x onerror=alert(1)>.png`,
      "%2e%2e/%.jpg",
      "no ending",
    ]
  ) {
    const { pathname } = new URL(urlOf(key), "http://127.0.0.1/");
    assert.equal(keyOf(pathname), key);
  }
});

Deno.test("keyOf() rejects paths that leave the store", () => {
  const paths = [
    "/faces/../secret.png",
    "/faces/..%2fsecret.png",
    "/faces/a%2f..%2f..%2fsecret.png",
    "/faces/%2e%2e%2fsecret.png",
    "/faces/..%5csecret.png",
    "/faces/a/..%00.png",
    "/faces//etc/secret.png",
    "/faces/%2fetc%2fsecret.png",
    "/faces/",
    "/faces/%",
    "/faces/%ff.png",
    "/other/a.png",
  ];
  for (const path of paths) assert.equal(keyOf(path), undefined, path);
});

Deno.test("isFaceKey() rejects keys whose path is ambiguous or belongs to an operating system", () => {
  for (
    const key of [
      "../a.png",
      "a/../b.png",
      "./a.png",
      "/a.png",
      "a//b.png",
      "a\\b.png",
      "a\n.png",
      "\ud800.png",
      ".hidden.png",
      "2026-01-31/@eaDir/a.png",
      "lost+found/a.png",
    ]
  ) {
    assert.equal(isFaceKey(key), false, JSON.stringify(key));
  }
  assert.equal(isFaceKey("x".repeat(2000)), false);
});

Deno.test("isFaceKey() accepts names of pictures only", () => {
  for (const key of ["a.png", "a.JPG", "b/a.jpeg", "b.c/hash"]) assert.equal(isFaceKey(key), true, key);
  for (const key of ["ledger.jsonl", "index.html", "a.png.tmp", "a.svg", ".png/x.txt"]) {
    assert.equal(isFaceKey(key), false, key);
  }
});
