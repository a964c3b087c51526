/** The token of a page, and the address on which a page needs one. */
import { ConfigError } from "../errors.ts";
import { isLoopback, type ListenAddress } from "../http_listen.ts";
import { text } from "../settings/declare.ts";
import { wrongToken } from "../web/token.ts";

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
