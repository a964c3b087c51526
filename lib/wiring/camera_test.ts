/** The camera that settings open, and its health. */
import assert from "node:assert/strict";
import type { Camera } from "../camera/camera.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { readSettings } from "../settings/read.ts";
import { SOURCE_SETTINGS, withFatalErrors } from "./camera.ts";

/** A camera whose frames end in this error. */
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
    await Array.fromAsync(withFatalErrors(failing(error), { debug }).frames({ signal }));
  } catch (error) {
    return error;
  }
}

Deno.test("an unexpected error of the camera is a FatalError with a hint", async () => {
  const lines: string[] = [];
  const error = await errorOf(
    new RangeError("Array buffer allocation failed"),
    (line) => void lines.push(line),
  );
  assert.ok(error instanceof FatalError);
  assert.equal(error.message, 'cannot read "door": Array buffer allocation failed');
  assert.match(error.hint!, /^set --log-level debug/);
  assert.equal(lines.length, 1);
});

Deno.test("a ConfigError or FatalError of the camera is passed on", async () => {
  for (const error of [new FatalError("a", "do b"), new ConfigError("c", "do d")]) {
    assert.equal(await errorOf(error), error);
  }
});

Deno.test("a mistake in --ffmpeg-options shows no header, password or key", () => {
  for (const text of ['-headers "Authorization: Basic hunter2" -y', "-password hunter2 hunter2"]) {
    const sources = { args: ["--ffmpeg-options", text], env: {} };
    assert.throws(() => readSettings("detector", SOURCE_SETTINGS, sources), (error: ConfigError) => {
      assert.match(
        error.message,
        /^--ffmpeg-options has a wrong value \(not shown\): .* should be an option/,
      );
      assert.ok(!error.message.includes("hunter2"));
      return true;
    });
  }
});
