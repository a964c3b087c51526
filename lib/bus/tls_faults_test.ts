/** Each TLS fault has its own reason: real Mosquittos with certificates made by openssl. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { Authority, type CertificateFiles, stamp } from "../../test/servers/certificates.ts";
import { freePort } from "../../test/servers/free_port.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { Backoff } from "../async/backoff.ts";
import type { LinkChange } from "./bus.ts";
import { LinkFaults } from "./link_faults.ts";
import { openMqttBus } from "./mqtt_bus.ts";

const DAY_MS = 24 * 3600 * 1000;
const read = (path: string) => Deno.readTextFileSync(path);
let clients = 0;

/** A Mosquitto that speaks TLS with this certificate. */
async function tlsBroker(authority: Authority, { cert, key }: CertificateFiles, more = "") {
  const port = freePort();
  const tls = [
    `listener ${port} 127.0.0.1`,
    `cafile ${authority.cert}`,
    `certfile ${cert}`,
    `keyfile ${key}`,
  ];
  const broker = await Mosquitto.start({ more: [...tls, more].join("\n") });
  return Object.assign(broker, { tlsPort: port });
}

/** The first change of a bus. */
async function firstChange(
  url: string,
  tls: { ca?: string; cert?: string; key?: string },
): Promise<LinkChange> {
  const { promise, resolve } = Promise.withResolvers<LinkChange>();
  const bus = openMqttBus({
    url: new URL(url),
    clientId: `tls-${++clients}`,
    statusTopic: "haarlem/test/tls/status",
    tls,
    backoff: new Backoff({ firstMs: 20, maxMs: 50 }),
    onLink: resolve,
  });
  try {
    return await promise;
  } finally {
    await bus.close();
  }
}

Deno.test("each TLS fault has its own reason and its own remedy", needs("mosquitto"), async (t) => {
  await using authority = await Authority.create();
  await using otherAuthority = await Authority.create("Another Authority");
  await using namesake = await Authority.create();
  const good = await authority.sign();
  const ca = read(authority.cert);
  const reported = new Set<string>();
  const fails = (
    name: string,
    { server = good, url = "", trust = { ca }, more = "", reason, hint }: {
      server?: CertificateFiles | Promise<CertificateFiles>;
      url?: string;
      trust?: { ca?: string; cert?: string; key?: string };
      more?: string;
      reason: RegExp;
      hint: RegExp;
    },
  ) =>
    t.step(name, async () => {
      await using broker = await tlsBroker(authority, await server, more);
      const fault = await firstChange(
        url.replace("PLAIN", String(broker.port)).replace("TLS", String(broker.tlsPort)) ||
          `mqtts://127.0.0.1:${broker.tlsPort}`,
        trust,
      );
      assert.ok(!fault.up, "it is connected");
      assert.match(fault.reason, reason);
      assert.match(fault.hint ?? "", hint);
      assert.ok(!reported.has(`${fault.reason.replace(/\d/g, "")}`), fault.reason);
      reported.add(`${fault.reason.replace(/\d/g, "")}`);
    });

  await fails("expired", {
    server: authority.sign({ from: stamp(Date.now() - 9 * DAY_MS), until: stamp(Date.now() - DAY_MS) }),
    reason: /the certificate of the broker expired on \d{4}-\d\d-\d\dT.*; this machine's clock shows \d{4}-/,
    hint: /renew/,
  });
  await fails("not yet valid", {
    server: authority.sign({ from: stamp(Date.now() + DAY_MS) }),
    reason: /is not valid before \d{4}-.*; this machine's clock shows \d{4}-/,
    hint: /set the clock/,
  });
  await fails("wrong name", {
    server: authority.sign({ names: "DNS:broker.example,DNS:*.other.example,IP:10.1.2.3,IP:fe80::1" }),
    reason: /not for "127.0.0.1" but for "broker.example", "\*.other.example", "10.1.2.3", "fe80::1"/,
    hint: /use one of these names/,
  });
  await fails("no name", {
    server: authority.sign({ names: "", commonName: "127.0.0.1" }),
    reason: /not for "127.0.0.1" but for no name at all/,
    hint: /subjectAltName/,
  });
  await fails("unknown authority", {
    trust: { ca: read(otherAuthority.cert) },
    reason: /signed by "Test Authority", which is not in --broker-ca/,
    hint: /set --broker-ca to the certificate of the authority "Test Authority"/,
  });
  await fails("no authority given", {
    trust: {},
    reason: /signed by "Test Authority", which is no authority that this system trusts/,
    hint: /set --broker-ca/,
  });
  await fails("an authority of the same name", {
    trust: { ca: read(namesake.cert) },
    reason: /not signed by the authority "Test Authority" in --broker-ca, but by another one of that name/,
    hint: /set --broker-ca/,
  });
  await fails("plain server on the TLS port", {
    url: "mqtts://127.0.0.1:PLAIN",
    reason: /speaks no TLS on this port/,
    hint: /8883.*mqtt:\/\//,
  });
  await fails("TLS server on the plain port", {
    url: "mqtt://127.0.0.1:TLS",
    reason: /speaks TLS on this port/,
    hint: /mqtts:\/\//,
  });
  await fails("client certificate demanded", {
    more: "require_certificate true",
    reason: /requires a client certificate/,
    hint: /set --tls-cert and --tls-key/,
  });
  const other = await otherAuthority.sign({ commonName: "board" });
  await fails("client certificate of another authority", {
    more: "require_certificate true",
    trust: { ca, cert: read(other.cert), key: read(other.key) },
    reason: /refuses the client certificate/,
    hint: /signed by an authority of the broker/,
  });
  const over = await authority.sign({
    from: stamp(Date.now() - 9 * DAY_MS),
    until: stamp(Date.now() - DAY_MS),
  });
  await fails("client certificate expired", {
    more: "require_certificate true",
    trust: { ca, cert: read(over.cert), key: read(over.key) },
    reason: /the client certificate in --tls-cert expired on \d{4}-/,
    hint: /renew the client certificate/,
  });
  reported.clear();
  await fails("only TLS 1.3, expired", {
    server: authority.sign({ from: stamp(Date.now() - 9 * DAY_MS), until: stamp(Date.now() - 2 * DAY_MS) }),
    more: "tls_version tlsv1.3",
    url: "mqtts://localhost:TLS",
    reason: /expired on/,
    hint: /renew/,
  });
});

Deno.test(
  "a self-signed certificate is accepted, or rejected for that reason (Deno 2.6)",
  needs("mosquitto"),
  async () => {
    await using alone = await Authority.create("Alone", "IP:127.0.0.1");
    await using broker = await tlsBroker(alone, { cert: alone.cert, key: alone.key });
    const url = `mqtts://127.0.0.1:${broker.tlsPort}`;
    const change = await firstChange(url, { ca: read(alone.cert) });
    assert.ok(change.up || /is its own authority/.test(change.reason), JSON.stringify(change));
  },
);

Deno.test("a broker that closes every connection gives the same reason each time", async () => {
  let connections = 0;
  const seen = Promise.withResolvers<void>();
  await using server = new Listener((connection) => {
    connection.close(); // Whatever the client sends.
    if (++connections === 12) seen.resolve();
  });
  const changes: LinkChange[] = [];
  const bus = openMqttBus({
    url: new URL(`mqtt://127.0.0.1:${server.port}`),
    clientId: `tls-${++clients}`,
    statusTopic: "haarlem/test/tls/status",
    backoff: new Backoff({ firstMs: 5, maxMs: 5 }),
    onLink: (change) => changes.push(change),
  });
  await seen.promise;
  await bus.close();
  assert.ok(changes.length > 1);
  const reasons = new Set(changes.map((change) => change.up ? "up" : change.reason));
  assert.equal(reasons.size, 1, JSON.stringify(changes));
});

Deno.test("LinkFaults examines the broker again when the client's error changes, and after ten minutes", async () => {
  let connections = 0;
  await using server = new Listener((connection) => {
    connections++;
    connection.close();
  });
  const faults = new LinkFaults({ url: new URL(`mqtts://127.0.0.1:${server.port}`) });
  const signal = new AbortController().signal;
  await faults.explain("closed", { signal, nowMs: 0 });
  const each = connections;
  assert.ok(each > 0 && each <= 3, `${each} connections`);
  await faults.explain("closed", { signal, nowMs: 60_000 });
  assert.equal(connections, each);
  await faults.explain("reset", { signal, nowMs: 61_000 });
  assert.equal(connections, 2 * each);
  await faults.explain("reset", { signal, nowMs: 662_000 });
  assert.equal(connections, 3 * each);
});

/** A TCP listener that calls `take` for each connection. */
class Listener implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;

  constructor(take: (connection: Deno.Conn) => void) {
    this.#serving = (async () => {
      for await (const connection of this.#listener) take(connection);
    })();
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }
}
