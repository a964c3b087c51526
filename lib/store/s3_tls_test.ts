/** TLS faults of S3 servers. */
import assert from "node:assert/strict";
import { Authority, type CertificateFiles, stamp } from "../../test/servers/certificates.ts";
import { openS3Store } from "./s3_store.ts";

const DAY_MS = 24 * 3600 * 1000;
const never = new AbortController().signal;

/** The error of a store whose S3 server cannot be reached by TLS. */
async function saidOf(endpoint: string): Promise<string> {
  const env = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "geheim" };
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  const store = openS3Store({ bucket: "faces", prefix: "", endpoint, pathStyle: true, timeoutMs: 5_000 });
  try {
    await store.check({ signal: never });
  } catch (error) {
    return (error as Error).message;
  }
  assert.fail("it answers");
}

Deno.test("each TLS fault of an S3 server has its own reason and its own remedy", async () => {
  await using authority = await Authority.create();
  const through = async (files: CertificateFiles | undefined, scheme: string, path = "") => {
    const [cert, key] = files ? [files.cert, files.key].map((file) => Deno.readTextFileSync(file)) : [];
    const options = { port: 0, hostname: "127.0.0.1", onListen: () => {}, ...(files && { cert, key }) };
    await using server = Deno.serve(options, () => new Response("x"));
    return await saidOf(`${scheme}://127.0.0.1:${(server.addr as Deno.NetAddr).port}${path}`);
  };
  const old = await authority.sign({
    from: stamp(Date.now() - 9 * DAY_MS),
    until: stamp(Date.now() - DAY_MS),
  });
  const early = await authority.sign({ from: stamp(Date.now() + DAY_MS) });
  const good = await authority.sign();
  assert.match(
    await through(old, "https", "/geheim"),
    /^https:\/\/127.0.0.1:\d+\/…: the certificate of the S3 server expired on \d{4}-\S+Z; .* clock shows .* Try: renew/,
  );
  assert.match(
    await through(early, "https"),
    /is not valid before \d{4}-\S+Z; .* clock .*Try: set the clock/,
  );
  assert.match(await through(good, "https"), /not signed by an authority .*Try: set DENO_CERT/);
  assert.match(await through(undefined, "https"), /speaks no TLS on this port.* Try: .*http:\/\//);
  assert.match(await through(good, "http"), /perhaps TLS.* Try: use https:\/\//);
});
