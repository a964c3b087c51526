/** Ports of the loopback interface. */
import { until } from "../../lib/testing/until.ts";

/**
 * Ports below those that Linux gives to outgoing connections (net.ipv4.ip_local_port_range, from 32768 on): a server is
 * started again on its port, which no connection of another test may have taken meanwhile.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const ATTEMPTS = 100;
const given = new Set<number>();

/** A port that was free a moment ago, once. It is drawn, since other tests start servers at the same time. */
export function freePort(): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      given.add(port);
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`no free port from ${FIRST_PORT} on, of ${ATTEMPTS} that were tried`);
}

/** Resolves when a server listens on the port; rejects after 60 s: some read many files before. */
export async function listening(port: number): Promise<void> {
  const connects = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
      connection.close();
      return true;
    }, () => false);
  await until(connects, `a server listens on port ${port}`, { everyMs: 20 });
}
