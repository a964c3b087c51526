/** Responses in every form that cameras send, and responses that are no HTTP. */
import assert from "node:assert/strict";
import { httpGet } from "./http_get.ts";

/** Responses, after which the server closes; their status and body. */
const ANSWERS: readonly (readonly [string, string, number, string])[] = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more", 200, "hello"],
  ["the end of the connection", "HTTP/1.0 200 OK\r\nServer: a\r\n\r\nhello", 200, "hello"],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n03\r\nllo\r\n0\r\n\r\n",
    200,
    "hello",
  ],
  ["bare line ends", "HTTP/1.1 404\nContent-Length:5\n\nhello", 404, "hello"],
  ["an interim response", "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello", 200, "hello"],
  ["a malformed header", "HTTP/1.1 200 OK\r\nbad header: a\r\n folded\r\n:\r\n\r\nhello", 200, "hello"],
];

/** Faulty responses, and the errors for them. */
const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["", /ended before the response was complete/],
  ["SSH-2.0-dropbear\r\n", /not HTTP/],
  ["HTTP/1.1 200 OK\r\nServer", /ended before the response was complete/],
  ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", /ended before the response was complete/],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello",
    /ended before the response was complete/,
  ],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", /a chunk without a size/],
  [`HTTP/1.1 200 OK\r\nA: ${"a".repeat(20_000)}`, /a line of more than 16 KiB/],
  [`HTTP/1.1 200 OK\r\n${"A: a\r\n".repeat(300)}\r\n`, /more than 256 lines/],
  ["HTTP/1.1 100 Continue\r\n\r\n".repeat(300), /more than 256 lines/],
  [`HTTP/1.1 200 OK\r\n\r\n${"a".repeat(2 ** 20)}`, /larger than 1 MiB/],
];

/** Requests from a server that reads the request, writes `answer` in pieces of `size` bytes, and closes. */
async function request(answer: string, size = Infinity) {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const bytes = new TextEncoder().encode(answer);
  const served = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(4096);
    const sent = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    try {
      for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at, at + size));
    } catch {
      // The client has closed the connection.
    }
    return sent;
  })();
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/a%20b?c=d`);
  const { signal } = new AbortController();
  const read = async () => {
    using got = await httpGet(url, { headers: new Headers({ "X-A": "b" }), maxBytes: 2 ** 20, signal });
    let text = "";
    for await (const part of got.body) text += new TextDecoder().decode(part);
    return { status: got.status, text };
  };
  const [result] = await Promise.allSettled([read(), served]);
  listener.close();
  if (result.status === "rejected") throw result.reason;
  return { ...result.value, sent: await served, host: url.host };
}

Deno.test("httpGet() reads a response with any mark of its end, whole or byte by byte", async (t) => {
  for (const [name, answer, status, text] of ANSWERS) {
    await t.step(name, async () => {
      for (const size of [Infinity, 1]) {
        const got = await request(answer, size);
        assert.deepEqual([got.status, got.text], [status, text]);
      }
    });
  }
});

Deno.test("httpGet() rejects responses that are truncated, endless or not HTTP", async () => {
  for (const [answer, why] of FAULTS) await assert.rejects(request(answer), why, answer.slice(0, 60));
});

Deno.test("httpGet() requests path and query with the given headers", async () => {
  const { sent, host } = await request(ANSWERS[0][1]);
  const [first, ...lines] = sent.split("\r\n");
  assert.equal(first, "GET /a%20b?c=d HTTP/1.1");
  for (const line of [`Host: ${host}`, "Connection: close", "x-a: b"]) assert.ok(lines.includes(line), line);
  assert.ok(sent.endsWith("\r\n\r\n"));
});
