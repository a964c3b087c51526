/** The addresses of the demo's pages. */

const HOST = "127.0.0.1";
const FIRST_PORT = 8080;
const LAST_PORT = 8099;

/**
 * As many addresses as there are pages: `127.0.0.1:8080` and so on, without the ports that are taken; port 0, which
 * selects any free one, when all up to 8099 are.
 */
export function freeAddresses(
  pages: number,
  { except, isFree = isFreePort }: {
    /** An address that has another page. */
    readonly except?: string;
    readonly isFree?: (port: number) => boolean;
  } = {},
): string[] {
  const found: string[] = [];
  for (let port = FIRST_PORT; port <= LAST_PORT && found.length < pages; port++) {
    if (!except?.endsWith(`:${port}`) && isFree(port)) found.push(`${HOST}:${port}`);
  }
  return Array.from({ length: pages }, (_, at) => found[at] ?? `${HOST}:0`);
}

function isFreePort(port: number): boolean {
  try {
    Deno.listen({ hostname: HOST, port }).close();
    return true;
  } catch {
    return false;
  }
}
