/** Ports of the loopback interface. */
import { until } from "../../lib/testing/until.ts";

/** Below the range from which a system takes the ports of outgoing connections and of those who ask for any. */
const FIRST = 20_000;
const COUNT = 12_000;
const given = new Set<number>();

/** A port that is free, and that nobody takes by chance before a server has it, or while that is restarted. */
export function freePort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** Resolves when a server listens on the port; rejects after 60 s: some read many files before. */
export async function listening(port: number): Promise<void> {
  const connects = () =>
    Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
      connection.close();
      return true;
    }, () => false);
  await until(connects, `a server listens on port ${port}`, { everyMs: 20, limitMs: 60_000 });
}
