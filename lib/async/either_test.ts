/** A signal of several. */
import assert from "node:assert/strict";
import { run } from "../testing/command.ts";
import { ROOT } from "../testing/files.ts";
import { inFullSuite } from "../testing/skip.ts";
import { either } from "./either.ts";

Deno.test("either() is aborted with the first signal, also with one that is aborted already", () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signal = either(one.signal, other.signal);
  assert.equal(signal.aborted, false);
  other.abort("other");
  one.abort("one");
  assert.equal(signal.reason, "other");
  assert.equal(either(new AbortController().signal, one.signal).reason, "one");
});

Deno.test(
  "a signal that only its listener refers to is aborted after garbage was collected",
  inFullSuite(),
  async () => {
    const script = `
    import { either } from "${ROOT}/lib/async/either.ts";
    const [one, other] = [new AbortController(), new AbortController()];
    const isAborted = new Promise((resolve) =>
      either(one.signal, other.signal).addEventListener("abort", () => resolve("aborted"))
    );
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      gc();
    }
    one.abort();
    console.log(await Promise.race([isAborted, new Promise((r) => setTimeout(r, 100, "lost"))]));`;
    // The Deno of the executables, where it is known: later ones do not collect such a signal.
    const deno = Deno.env.get("HAARLEM_COMPILE_DENO") ?? Deno.execPath();
    const args = ["run", "-A", "--v8-flags=--expose-gc", "--config", `${ROOT}/deno.json`, "--no-check", "-"];
    assert.equal((await run(deno, args, { stdin: script })).trim(), "aborted");
  },
);
