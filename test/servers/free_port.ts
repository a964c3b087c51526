/** Ports of the loopback interface. */
import { until } from "../../lib/testing/until.ts";

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** Resolves when a server listens on the port; rejects after 15 s. */
export async function listening(port: number): Promise<void> {
  const connects = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
      connection.close();
      return true;
    }, () => false);
  await until(connects, `a server listens on port ${port}`, { everyMs: 20, limitMs: 15_000 });
}
