/** Names of files in an archive. */
import assert from "node:assert/strict";
import { ZipNames } from "./zip_name.ts";

Deno.test("a key of the saver is its own name", () => {
  const key = "2026-11-26/14-03-11-123_front_0123456789ab.png";
  assert.equal(new ZipNames().nameOf(key), key);
});

Deno.test("no name leads out of the folder, or surprises a file system", () => {
  const cases = {
    "/etc/passwd": "etc/passwd",
    "../../x.png": "x.png",
    "a/.././x.png": "a/x.png",
    "a/.. /x.png": "a/x.png",
    "C:\\x.png": "C__x.png",
    "a\\..\\x.png": "a_.._x.png",
    "a\r\nb\u0000.png": "a__b_.png",
    "a\u202egnp.exe": "a_gnp.exe",
    "con": "_con",
    "aux.png": "_aux.png",
    "trailing. . ": "trailing",
    "..": "face",
  };
  for (const [key, name] of Object.entries(cases)) assert.equal(new ZipNames().nameOf(key), name, key);
});

Deno.test("different keys have different names, also where capitals are not told apart", () => {
  const names = new ZipNames();
  assert.deepEqual(["a/x:.png", "a/x?.png", "A/X_.PNG", "b", "B"].map((key) => names.nameOf(key)), [
    "a/x_.png",
    "a/x__2.png",
    "A/X__2.PNG".replace("_2", "_3"),
    "b",
    "B_2",
  ]);
});
