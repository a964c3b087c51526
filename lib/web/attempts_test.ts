/** The limit of attempts to guess the token. */
import assert from "node:assert/strict";
import { Attempts, type Client, clientOf } from "./attempts.ts";

function failTimes(attempts: Attempts, client: Client, times: number): void {
  for (let count = 0; count < times; count++) attempts.failed(client);
}

Deno.test("the addresses of one household count as one client", () => {
  const attempts = new Attempts(() => 0);
  failTimes(attempts, { address: "2001:db8:1:2::7" }, 5);
  failTimes(attempts, { address: "2001:db8:1:2:aaaa:bbbb:cccc:dddd" }, 5);
  assert.ok(attempts.waitMs({ address: "2001:db8:1:2::8" }) > 0);
  assert.equal(attempts.waitMs({ address: "2001:db8:1:3::8" }), 0);
  failTimes(attempts, { address: "::ffff:192.0.2.7" }, 10);
  assert.ok(attempts.waitMs({ address: "192.0.2.7" }) > 0);
  assert.equal(attempts.waitMs({ address: "192.0.2.8" }), 0);
});

Deno.test("the clients of a proxy are told apart, and limited together", () => {
  const attempts = new Attempts(() => 0);
  const behind = (name: string): Client => ({ address: "127.0.0.1", behind: name });
  failTimes(attempts, behind("203.0.113.1"), 10);
  assert.ok(attempts.waitMs(behind("203.0.113.1")) > 0);
  assert.equal(attempts.waitMs(behind("203.0.113.2")), 0);
  for (let client = 0; client < 90; client++) attempts.failed(behind(`invented-${client}`));
  assert.ok(attempts.waitMs(behind("203.0.113.2")) > 0, "whatever a client writes into the header");
});

Deno.test("clientOf() takes what the nearest proxy appended", () => {
  const request = (headers: Record<string, string>) => new Request("http://localhost/", { headers });
  assert.deepEqual(clientOf(request({}), "192.0.2.7"), { address: "192.0.2.7" });
  assert.deepEqual(clientOf(request({ "x-forwarded-for": "invented, 203.0.113.1" }), "127.0.0.1"), {
    address: "127.0.0.1",
    behind: "203.0.113.1",
  });
});

Deno.test("clients beyond the limit of memory are forgotten", () => {
  const attempts = new Attempts(() => 0);
  failTimes(attempts, { address: "192.0.2.7" }, 10);
  for (let client = 0; client < 2_000; client++) attempts.failed({ address: `host-${client}` });
  assert.equal(attempts.waitMs({ address: "192.0.2.7" }), 0);
});
