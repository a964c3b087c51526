/** The printed address of a page. */
import assert from "node:assert/strict";
import { parseListenAddress } from "../http_listen.ts";
import { Authority } from "../../test/servers/certificates.ts";
import { type Interface, qrCode, shownUrl } from "./shown_address.ts";

const v4 = (name: string, address: string): Interface => ({ name, family: "IPv4", address });
const v6 = (name: string, address: string): Interface => ({ name, family: "IPv6", address });
const MACHINE = [
  v4("lo", "127.0.0.1"),
  v6("lo", "::1"),
  v4("docker0", "172.17.0.1"),
  v4("wg0", "10.8.0.2"),
  v6("wlan0", "fe80::1"),
  v6("wlan0", "2001:db8::7"),
  v4("eth1", "203.0.113.9"),
  v4("wlan0", "192.168.1.20"),
];

const shown = (listen: string, interfaces: readonly Interface[] = MACHINE, url = "http://localhost:8080/") =>
  shownUrl(url, parseListenAddress(listen), { interfaces: () => interfaces });

Deno.test("a page for the network is shown with the address of this machine in it", () => {
  assert.equal(shown("0.0.0.0:8080"), "http://192.168.1.20:8080/");
  assert.equal(shown("[::]:8080"), "http://192.168.1.20:8080/");
  assert.equal(shown("0.0.0.0:8080", MACHINE.slice(0, -1)), "http://203.0.113.9:8080/");
  assert.equal(shown("[::]:8080", MACHINE.slice(0, -2)), "http://[2001:db8::7]:8080/");
  assert.equal(shown("0.0.0.0:8080", MACHINE.slice(0, -2)), "http://localhost:8080/");
  assert.equal(shown("0.0.0.0:8080", []), "http://localhost:8080/");
});

Deno.test("a page on a given address is shown with it, and one on loopback as it is", () => {
  assert.equal(shown("10.0.0.5:8080"), "http://10.0.0.5:8080/");
  assert.equal(shown("[2001:db8::7]:8080"), "http://[2001:db8::7]:8080/");
  assert.equal(shown("gallery.lan:8080"), "http://gallery.lan:8080/");
  assert.equal(shown("127.0.0.1:8080", MACHINE, "http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
});

Deno.test("a page with a certificate is shown with a name of the certificate", async () => {
  await using authority = await Authority.create("test", "DNS:localhost,DNS:*.example,DNS:gallery.example");
  const cert = await Deno.readTextFile(authority.cert);
  const url = shownUrl("https://localhost:8443/", parseListenAddress("0.0.0.0:8443"), {
    cert,
    interfaces: () => MACHINE,
  });
  assert.equal(url, "https://gallery.example:8443/");
});

Deno.test("qrCode() draws a square of half blocks", () => {
  const lines = qrCode("http://192.168.1.20:8080/").split("\n");
  assert.equal(lines[0].length, 29);
  assert.equal(lines.length, 15);
  assert.ok(lines.every((line) => /^[█▀▄ ]{29}$/.test(line)), lines.join("\n"));
});
