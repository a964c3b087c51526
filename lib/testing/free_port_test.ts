/** The ports that tests give to servers. */
import assert from "node:assert/strict";
import { freePort } from "../../test/servers/free_port.ts";

Deno.test("a free port is given once, and is none that the system gives to somebody who asks for any", () => {
  const [first, last] = Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range").split(/\s/).map(
    Number,
  );
  const ports = Array.from({ length: 200 }, freePort);
  assert.equal(new Set(ports).size, 200);
  // A system may give all ports away.
  if (first > 32_000) assert.deepEqual(ports.filter((port) => port >= first && port <= last), []);
});
