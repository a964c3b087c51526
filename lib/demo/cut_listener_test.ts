/** The link of the demo, with real connections. */
import assert from "node:assert/strict";
import { until } from "../testing/until.ts";
import { CutListener } from "./cut_listener.ts";

/** A link whose other end sends a letter to each connection. */
function greeting(): { link: CutListener; connect: () => Promise<Deno.TcpConn> } {
  const link = new CutListener((stream) => void stream.write("x"));
  const port = Number(new URL(link.url).port);
  return { link, connect: () => Deno.connect({ hostname: "127.0.0.1", port }) };
}

const read = (connection: Deno.Conn) => connection.read(new Uint8Array(1)).catch(() => null);

Deno.test("a cut link breaks its connections, and mending it serves the newest that waits", async () => {
  const { link, connect } = greeting();
  using before = await connect();
  assert.equal(await read(before), 1);
  assert.equal(link.isConnected, true);
  link.cut();
  assert.equal(await read(before), null);
  await until(() => !link.isConnected, "the link has no connection");

  using older = await connect();
  using newer = await connect();
  assert.equal(await read(older), null, "only one connection waits");
  assert.equal(link.isConnected, false);
  link.mend();
  assert.equal(await read(newer), 1);
  assert.deepEqual([link.isCut, link.isConnected], [false, true]);
  link.close();
  assert.equal(await read(newer), null);
});
