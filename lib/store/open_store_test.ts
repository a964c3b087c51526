/** Addresses of stores. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { openStore } from "./open_store.ts";

const OPTIONS = { pathStyle: "auto", timeoutMs: 1_000, endpoint: "http://127.0.0.1:1" } as const;

Deno.test("the slashes around a prefix are removed, and a prefix that leads out of the bucket is a ConfigError", () => {
  for (
    const address of ["s3://faces", "s3://faces/", "s3://faces/a", "s3://faces//a/b..c/", "s3://faces/.a"]
  ) {
    assert.match(openStore(address, OPTIONS).name, /^s3:\/\/faces\//, address);
  }
  for (const address of ["s3://faces/../x", "s3://faces/a/..", "s3://faces/./a", "s3://faces/a//b"]) {
    assert.throws(() => openStore(address, OPTIONS), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^the prefix of "s3:\/\/faces\/…" contains/);
      return true;
    });
  }
});
