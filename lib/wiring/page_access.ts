/** Access to a page over HTTP: its settings, and the parts that they describe. */
import { ConfigError } from "../errors.ts";
import { isLoopback, type ListenAddress } from "../http_listen.ts";
import type { Log } from "../log.ts";
import { text } from "../settings/declare.ts";
import { Access } from "../web/access.ts";
import { wrongToken } from "../web/token.ts";
import { type Interface, qrCode, shownUrl } from "./shown_address.ts";

const DAY_MS = 24 * 3600_000;

/** The token of a page. */
export const PAGE_TOKEN = text({
  help: "access token; required unless the page listens on loopback",
  secret: true,
  check: wrongToken,
});

/**
 * Throws a ConfigError when anybody who reaches the address could see what the page shows.
 * @param what what they would see. @param flag the setting of the address, with a value on loopback
 */
export function checkPageAddress(
  listen: ListenAddress,
  { token }: { readonly token?: string },
  { what, flag }: { what: string; flag: string },
): void {
  if (isLoopback(listen) || token !== undefined) return;
  throw new ConfigError(
    `refusing to listen on "${listen.host}" without a token: anyone who can reach it would see ${what}`,
    `set HAARLEM_TOKEN=$(openssl rand -hex 16) in the environment, or ${flag}`,
  );
}

/** The access control of a page. Wrong tokens go to the log. */
export function openPageAccess(
  { token }: { readonly token?: string },
  { sessionDays, log }: { sessionDays: number; log: Log },
): Access {
  return new Access(token, {
    sessionMs: sessionDays * DAY_MS,
    onWrongToken: ({ address, behind }, left) =>
      log.warn("a wrong token was sent", { from: address, behind, left }),
  });
}

/** Reports the address of a page, and on a terminal draws its QR code for a phone. */
export function announcePage(
  url: string,
  listen: ListenAddress,
  { name, log, cert }: { name: string; log: Log; cert?: string },
): void {
  const shown = shownUrl(url, listen, { cert, interfaces });
  log.info(`${name} at ${shown}`);
  if (!isLoopback(listen) && Deno.stderr.isTerminal()) console.error(qrCode(shown));
}

/** The network interfaces; none where a sandbox without AF_NETLINK hides them. */
function interfaces(): readonly Interface[] {
  try {
    return Deno.networkInterfaces();
  } catch {
    return [];
  }
}
