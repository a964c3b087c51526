/**
 * An S3 server that sends the begin of an answer and hangs. A file of its own: the SDK waits for a moment before a second
 * attempt, also after an abort, and the timer of that may end in the test that follows.
 */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { needs } from "../../test/needs.ts";
import { AlmostS3 } from "../../test/servers/almost_s3.ts";
import { openS3Store } from "./s3_store.ts";
import { StoreError } from "./store.ts";

const signal = new AbortController().signal;

Deno.test(
  "an answer whose body never ends is given up after the time limit, also when garbage was collected",
  { ...needs("versitygw"), sanitizeOps: false, sanitizeResources: false },
  async () => {
    await using server = await AlmostS3.start();
    const { endpoint, real: { bucket } } = server;
    const store = openS3Store({ bucket, prefix: "", endpoint, pathStyle: true, timeoutMs: 2_000 });
    server.fault = () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("<")),
      });
      return new Response(body, { headers: { etag: '"0123456789abcdef0123456789abcdef"' } });
    };
    setFlagsFromString("--expose-gc");
    const collecting = setInterval(runInNewContext("gc") as () => void, 50);
    try {
      const isTimeout = (error: unknown) => error instanceof StoreError && error.kind === "timeout";
      await assert.rejects(store.get("k.png", { signal }), isTimeout);
      await assert.rejects(Array.fromAsync(store.list({ signal })), isTimeout);
    } finally {
      clearInterval(collecting);
    }
  },
);
