/** The addresses of the demo's pages. */

const HOST = "127.0.0.1";
const FIRST_PORT = 8080;
const LAST_PORT = 8099;

/** Takes a port for a page; undefined when it is taken already. */
type Claim = (port: number) => Disposable | undefined;

/** Addresses that no other demo gets until they are disposed of. */
export class PageAddresses implements Disposable {
  readonly addresses: readonly string[];
  readonly #claims = new DisposableStack();

  /**
   * As many addresses as there are pages: `127.0.0.1:8080` and so on, without the ports that are taken; port 0, which
   * selects any free one, when all up to 8099 are.
   * @param options.except an address that has another page.
   */
  constructor(pages: number, { except, claim = claimPort }: { except?: string; claim?: Claim } = {}) {
    const found: string[] = [];
    for (let port = FIRST_PORT; port <= LAST_PORT && found.length < pages; port++) {
      if (except?.endsWith(`:${port}`)) continue;
      const claimed = claim(port);
      if (!claimed) continue;
      this.#claims.use(claimed);
      found.push(`${HOST}:${port}`);
    }
    this.addresses = Array.from({ length: pages }, (_, at) => found[at] ?? `${HOST}:0`);
  }

  [Symbol.dispose](): void {
    this.#claims.dispose();
  }
}

/**
 * A free port. The page takes its TCP port only a second later, when its program listens; until then another demo could
 * find it free, too. So each demo also binds the UDP port of the same number, which nothing else uses.
 */
function claimPort(port: number): Disposable | undefined {
  try {
    Deno.listen({ hostname: HOST, port }).close();
    const claimed = Deno.listenDatagram({ transport: "udp", hostname: HOST, port });
    return { [Symbol.dispose]: () => claimed.close() };
  } catch {
    return undefined;
  }
}
