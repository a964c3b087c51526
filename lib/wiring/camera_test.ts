import assert from "node:assert/strict";
import type { Camera } from "../camera/camera.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { withoutStackTraces } from "./camera.ts";

/** A camera that fails so. */
function failing(error: unknown): Camera {
  return {
    name: "door",
    live: false,
    // deno-lint-ignore require-yield
    async *frames() {
      throw error;
    },
  };
}

async function errorOf(error: unknown, debug: (message: string) => void = () => {}): Promise<unknown> {
  const { signal } = new AbortController();
  try {
    await Array.fromAsync(withoutStackTraces(failing(error), { debug }).frames({ signal }));
  } catch (error) {
    return error;
  }
}

Deno.test("an error of the camera that nobody foresaw is a FatalError with a remedy", async () => {
  const said: string[] = [];
  const error = await errorOf(
    new RangeError("Array buffer allocation failed"),
    (text) => void said.push(text),
  );
  assert.ok(error instanceof FatalError);
  assert.equal(error.message, 'cannot read "door": Array buffer allocation failed');
  assert.match(error.hint!, /^set --log-level debug/);
  assert.equal(said.length, 1);
});

Deno.test("errors with a remedy stay as they are", async () => {
  for (const error of [new FatalError("a", "do b"), new ConfigError("c", "do d")]) {
    assert.equal(await errorOf(error), error);
  }
});
