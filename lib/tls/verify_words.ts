/** What Deno's TLS says of a certificate that it refuses, in words that a user can act on. */
import type { TlsFault, TlsWords } from "./tls_fault.ts";

export type { TlsFault, TlsWords };

const time = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";

/**
 * The cause and the cure in an error message of `fetch`, such as `invalid peer certificate: certificate expired: …, but
 * certificate is not valid after 1609459200`; nothing when it is not about TLS. The texts are those of rustls.
 */
export function tlsFaultOf(
  message: string,
  words: TlsWords,
  nowMs: number = Date.now(),
): TlsFault | undefined {
  const { server, authority, plainScheme, tlsScheme } = words;
  const whose = `the certificate of ${server}`;
  const clock = `this machine's clock shows ${time(nowMs)}`;
  const seconds = (pattern: RegExp) => {
    const found = pattern.exec(message)?.[1];
    return found === undefined ? "" : ` ${time(Number(found) * 1000)}`;
  };
  if (/certificate expired|peer certificate: Expired/.test(message)) {
    return {
      reason: `${whose} expired on${
        seconds(/not valid after (\d{1,12})/) || " a day before today"
      }; ${clock}`,
      hint: `renew the certificate of ${server}; if the clock is wrong, sudo timedatectl set-ntp true`,
    };
  }
  if (/not valid yet|NotValidYet/.test(message)) {
    return {
      reason: `${whose} is not valid before${
        seconds(/not valid before (\d{1,12})/) || " a later day"
      }; ${clock}`,
      hint: "set the clock: sudo timedatectl set-ntp true",
    };
  }
  const [, wanted, names] = /not valid for name "([\w.:-]*)"(?:; certificate is (?:only|not) valid for (.*))?/
    .exec(message) ?? [];
  if (wanted !== undefined || /NotValidForName/.test(message)) {
    const only = names?.replace(/IpAddress\(([^)]*)\)|DnsName\("?([^")]*)"?\)/g, "$1$2").slice(0, 300);
    return {
      reason: `${whose} is not for ${wanted === undefined ? "this name" : `"${wanted}"`}` +
        (only ? ` but for ${only}` : ""),
      hint: "use a name that is in the certificate, or put this one into it",
    };
  }
  if (/UnknownIssuer/.test(message)) {
    return {
      reason: `${whose} is not signed by an authority that this program knows`,
      hint: `set ${authority} to the certificate of the authority that signed it (PEM)`,
    };
  }
  if (/CaUsedAsEndEntity/.test(message)) {
    return {
      reason: `${whose} is its own authority, which is not accepted`,
      hint: `sign a certificate for ${server} with an authority of its own, and set ${authority} to it`,
    };
  }
  if (/CertificateRequired/.test(message)) {
    return {
      reason: `${server} demands a client certificate`,
      hint: `let ${server} accept clients without a certificate`,
    };
  }
  if (/InvalidContentType|corrupt message/.test(message)) {
    return {
      reason: `${server} speaks no TLS on this port`,
      hint: `use its TLS port, or ${plainScheme} in the address`,
    };
  }
  if (/invalid HTTP version parsed/.test(message)) {
    return {
      reason: `${server} speaks no HTTP on this port, perhaps TLS`,
      hint: `use ${tlsScheme} in the address`,
    };
  }
  const [, other] = /invalid peer certificate: ([\w .,:()-]{1,120})/.exec(message) ?? [];
  return other === undefined ? undefined : {
    reason: `${whose} is refused: ${other}`,
    hint: `renew the certificate of ${server}`,
  };
}
