/** Compares built files with committed ones. */
import assert from "node:assert/strict";

/** Fails where bytes differ, without listing them. */
export function assertEqualBytes(built: Uint8Array, kept: Uint8Array): void {
  assert.equal(built.length, kept.length, "deno task build:kernel");
  assert.ok(built.every((byte, index) => byte === kept[index]), "deno task build:kernel");
}
