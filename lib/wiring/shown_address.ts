/** The address of a page as it is printed: one that a phone in the same network can open, with its QR code. */
import { renderUnicodeCompact } from "uqr";
import { isLoopback, type ListenAddress } from "../http_listen.ts";
import { readCertificates } from "../tls/certificate.ts";

/** The part of a network interface that decides. */
export type Interface = Pick<Deno.NetworkInterfaceInfo, "name" | "family" | "address">;

/** Interfaces of containers, virtual machines and tunnels: no phone reaches their addresses. */
const VIRTUAL =
  /^(lo|docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|cali|kube|podman|lxc|lxd|tun|tap|wg|tailscale|zt|utun|awdl|llw)/;
const PRIVATE = [/^192\.168\./, /^10\./, /^172\.(1[6-9]|2\d|3[01])\./];
const LINK_LOCAL = /^(169\.254\.|fe80:)/i;

/**
 * The URL to print for a page that listens on `listen`.
 * @param url that of the server on this machine, with its port.
 * @param options.cert of the page, PEM: a browser accepts only its names.
 */
export function shownUrl(
  url: string,
  listen: ListenAddress,
  { cert, interfaces }: { cert?: string; interfaces: () => readonly Interface[] },
): string {
  const shown = new URL(url);
  const host = isLoopback(listen) ? undefined : nameIn(cert) ?? lanHost(listen, interfaces);
  if (host !== undefined) shown.hostname = host.includes(":") ? `[${host}]` : host;
  return shown.href;
}

/** A text as a QR code, in lines of half blocks: light on dark, as terminals show it, for cameras of phones. */
export function qrCode(text: string): string {
  return renderUnicodeCompact(text, { border: 2 });
}

/** The first name of a certificate that leads here from elsewhere. */
function nameIn(cert: string | undefined): string | undefined {
  const names = cert === undefined ? [] : readCertificates(cert)[0].names;
  return names.find((name) => !name.startsWith("*") && !isLoopback({ host: name, port: 0 }));
}

/** The address of this machine in its network: the given one, or for a wildcard the most likely one. */
function lanHost({ host }: ListenAddress, interfaces: () => readonly Interface[]): string | undefined {
  if (host !== "0.0.0.0" && host !== "::") return host;
  const candidates = interfaces().filter(({ name, family, address }) =>
    !VIRTUAL.test(name) && !LINK_LOCAL.test(address) && !isLoopback({ host: address, port: 0 }) &&
    (family === "IPv4" || host === "::")
  );
  return candidates.sort((a, b) => rank(a) - rank(b))[0]?.address;
}

/** 0 is the best. A home network has 192.168, and 172.16 is mostly one of containers. */
function rank({ family, address }: Interface): number {
  if (family === "IPv6") return PRIVATE.length + 1;
  const index = PRIVATE.findIndex((pattern) => pattern.test(address));
  return index < 0 ? PRIVATE.length : index;
}
