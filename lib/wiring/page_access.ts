/** Access to a page over HTTP, and its printed address. */
import { isLoopback, type ListenAddress } from "../http_listen.ts";
import type { Log } from "../log.ts";
import { Access } from "../web/access.ts";
import { type Interface, qrCode, shownUrl } from "./shown_address.ts";

const DAY_MS = 24 * 3600_000;

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
