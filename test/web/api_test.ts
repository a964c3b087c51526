/** The page's requests about many pictures: parts of them may fail. No browser is needed. */
import assert from "node:assert/strict";
import { deleteFaces } from "../../lib/gallery/page/api.js";

const keys = Array.from({ length: 2_500 }, (_, number) => `${number}.png`);

/** Replaces `fetch` for the time of a test. */
function answering(respond: (keys: string[], number: number) => Response | Error): Disposable {
  const { fetch } = globalThis;
  let number = 0;
  globalThis.fetch = (_path, options) => {
    const answer = respond(JSON.parse(String(options?.body)).keys, ++number);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { [Symbol.dispose]: () => void (globalThis.fetch = fetch) };
}

Deno.test("pictures of requests before one that fails count as deleted, all others do not", async () => {
  using _ = answering((deleted, number) =>
    number === 2 ? new TypeError("the network is away") : Response.json({ deleted, failed: [] })
  );
  const { deleted, failed } = await deleteFaces(keys);
  assert.deepEqual(deleted, keys.slice(0, 1_000));
  const reason = "the gallery does not answer";
  assert.deepEqual(failed, keys.slice(1_000).map((key) => ({ key, reason })));
});
