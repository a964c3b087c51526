/** S3 servers that cannot be reached, with the errors of a real `fetch`. */
import assert from "node:assert/strict";
import { freePort } from "../../test/servers/free_port.ts";
import { networkReason } from "./s3_network.ts";

async function reasonOf(address: string): Promise<string> {
  const error = await fetch(address).then(() => assert.fail("it answers"), (error) => error);
  return networkReason(new Error("fetch failed", { cause: error }));
}

Deno.test("a server that is down or has no known name has a reason and a remedy, without the path", async () => {
  assert.equal(
    await reasonOf(`http://127.0.0.1:${freePort()}/geheim`),
    "nothing listens at this address. Try: start the S3 server, or set --s3-endpoint to its address",
  );
  assert.equal(
    await reasonOf("http://no-such-host.invalid/geheim"),
    "the host name is unknown. Try: check --s3-endpoint, the region, and that this machine can resolve names",
  );
});

Deno.test("another cause is shown with the safe parts of its address", () => {
  const cause = new Error("error sending request for url (http://127.0.0.1:9/geheim)");
  assert.equal(
    networkReason(new Error("fetch failed", { cause })),
    "error sending request for url (http://127.0.0.1:9/…)",
  );
});
