/** What rustls reports, in the terms of the user. */
import assert from "node:assert/strict";
import { tlsFaultOf } from "./tls_fault.ts";

const WORDS = {
  server: "the S3 server",
  authority: "DENO_CERT",
  plainScheme: "http://",
  tlsScheme: "https://",
};

Deno.test("tlsFaultOf() names reason and remedy for messages of rustls, also of older versions", () => {
  const said: Record<string, RegExp> = {
    "invalid peer certificate: certificate expired: verification time 1795695321 (UNIX), but certificate is not valid after 1609459200 (9 seconds ago)":
      /expired on 2021-01-01T00:00:00Z; this machine's clock shows 1970-01-02/,
    "invalid peer certificate: Expired": /expired; this machine's clock/,
    "invalid peer certificate: NotValidYet": /is not valid yet; this machine's clock/,
    'certificate not valid for name "s3.lan"; certificate is only valid for DnsName("a.example") or IpAddress(10.0.0.7)':
      /is not for "s3.lan" but for a.example or 10.0.0.7/,
    "invalid peer certificate: NotValidForName": /is not for this name/,
    "invalid peer certificate: UnknownIssuer": /not signed by an authority/,
    "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))": /its own authority/,
    "invalid peer certificate: BadSignature": /is refused: BadSignature/,
    "received fatal alert: CertificateRequired": /requires a client certificate/,
  };
  for (const [message, reason] of Object.entries(said)) {
    const fault = tlsFaultOf(message, WORDS, 86_400_000);
    assert.match(fault?.reason ?? "", reason, message);
    assert.ok(fault?.hint);
  }
  assert.equal(tlsFaultOf("connection refused", WORDS), undefined);
});
