import assert from "node:assert/strict";

/** Looks until `wanted` holds, for at most 30 seconds; there is no event for what another program writes. */
export async function until(wanted: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!await wanted()) {
    assert.ok(performance.now() < endMs, `not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
