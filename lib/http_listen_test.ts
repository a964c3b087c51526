/** Listen addresses and servers on them. */
import assert from "node:assert/strict";
import { FatalError } from "./errors.ts";
import { cannotListen, isLoopback, listenOn, parseListenAddress } from "./http_listen.ts";

const options = { flag: "--listen", onError: () => new Response(null, { status: 500 }) };
const handler = async () => new Response("here");

Deno.test("parseListenAddress() reads names, IPv4 and bracketed IPv6 addresses", () => {
  assert.deepEqual(parseListenAddress("127.0.0.1:8080"), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseListenAddress("[::1]:0"), { host: "::1", port: 0 });
  assert.deepEqual(parseListenAddress("my-host.lan:80"), { host: "my-host.lan", port: 80 });
});

Deno.test("parseListenAddress() describes the expected form of an address", () => {
  for (
    const text of ["8080", ":8080", "::1:8080", "[::1]", "localhost", "a:65536", "a:-1", "http://a:1", "a:1/"]
  ) {
    assert.throws(() => parseListenAddress(text), /should be HOST:PORT, such as 127\.0\.0\.1:8080/, text);
  }
});

Deno.test("only addresses that no other machine can reach are loopback", () => {
  for (const text of ["localhost:1", "127.0.0.1:1", "127.1.2.3:1", "[::1]:1"]) {
    assert.equal(isLoopback(parseListenAddress(text)), true, text);
  }
  for (const text of ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example:1", "localhost.example:1"]) {
    assert.equal(isLoopback(parseListenAddress(text)), false, text);
  }
});

Deno.test("the URL of a server reaches it", async () => {
  const hasIpv6 = Deno.networkInterfaces().some(({ address }) => address === "::1");
  for (const host of ["127.0.0.1", "0.0.0.0", ...hasIpv6 ? ["::1"] : []]) {
    const server = listenOn({ host, port: 0 }, handler, options);
    assert.equal(await (await fetch(server.url)).text(), "here", server.url);
    await server.close();
  }
});

Deno.test("a port in use is a FatalError with a remedy", async () => {
  const server = listenOn({ host: "127.0.0.1", port: 0 }, handler, options);
  const port = Number(new URL(server.url).port);
  assert.throws(() => listenOn({ host: "127.0.0.1", port }, handler, options), (error) => {
    assert.ok(error instanceof FatalError);
    assert.equal(error.message, `cannot listen on "127.0.0.1:${port}": address already in use`);
    assert.match(error.hint!, /--listen to another port, such as 127\.0\.0\.1:0/);
    return true;
  });
  await server.close();
});

Deno.test("a port for root only is a FatalError that names other ports", () => {
  const denied = new Deno.errors.PermissionDenied("Permission denied (os error 13)");
  const { message, hint } = cannotListen(denied, { host: "0.0.0.0", port: 80 }, "--listen");
  assert.equal(message, 'cannot listen on "0.0.0.0:80": only root may listen on this port');
  assert.equal(hint, "set --listen to a port from 1024 on, such as 0.0.0.0:8080");
});

Deno.test("close() does not wait for a response that never ends", async () => {
  const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const server = listenOn({ host: "127.0.0.1", port: 0 }, async () => new Response(endless), options);
  const { body } = await fetch(server.url);
  // The timers that close() waits for: a busy machine may take longer, but not for these.
  const { setTimeout } = globalThis;
  const waitsMs: number[] = [];
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    waitsMs.push(ms);
    return setTimeout(run, ms);
  }) as typeof setTimeout;
  try {
    await server.close();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assert.ok(waitsMs.length > 0 && Math.max(...waitsMs) < 1000, `${waitsMs}`);
  await body!.cancel();
});

Deno.test("a server that renews its certificate keeps its address, and goes on with the requests in progress", async () => {
  let send = (_: string) => {};
  const streaming = (request: Request) => {
    if (!request.url.endsWith("/events")) return new Response("here");
    return new Response(
      new ReadableStream<string>({
        start: (controller) => void (send = (text) => controller.enqueue(text)),
      }).pipeThrough(new TextEncoderStream()),
    );
  };
  const server = listenOn({ host: "127.0.0.1", port: 0 }, streaming, options);
  const stream = await fetch(`${server.url}events`);
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  send("before");
  assert.equal((await reader.read()).value, "before");
  // Without TLS in this test: what matters is the address.
  await server.renew({} as never);
  send("after");
  assert.equal((await reader.read()).value, "after");
  assert.equal(await (await fetch(server.url)).text(), "here");
  await reader.cancel();
  await server.close();
  await assert.rejects(fetch(server.url));
});

Deno.test("a server that is closed while it renews its certificate serves nothing more", async () => {
  const server = listenOn({ host: "127.0.0.1", port: 0 }, handler, options);
  const { serve } = Deno;
  // The system has not released the address yet.
  Deno.serve = () => {
    throw new Deno.errors.AddrInUse();
  };
  const renewing = server.renew({} as never);
  Deno.serve = serve;
  await server.close();
  await renewing;
  await assert.rejects(fetch(server.url));
});
