/** The faults of a TLS connection: one reason and one remedy for each, and which of them a message of rustls means. */

/** Why a TLS connection failed and how to correct that. */
export interface TlsFault {
  readonly reason: string;
  /** An imperative, for `Try:`. */
  readonly hint: string;
}

/** The names that messages use. */
export interface TlsWords {
  /** The server, such as `the broker`. */
  readonly server: string;
  /** The setting that holds the authority's certificate, such as `--broker-ca`. */
  readonly authority: string;
  /** The schemes without and with TLS, such as `mqtt://` and `mqtts://`. */
  readonly plainScheme: string;
  readonly tlsScheme: string;
}

/** What a fault shows of its certificate; a part that the source of the fault does not name is left out. */
interface Details {
  /** The certificate's limit, Unix milliseconds. */
  readonly limitMs?: number;
  readonly nowMs: number;
}

/** A time as messages show it: UTC, to the second. */
export const shownTime = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";

const certificateOf = ({ server }: TlsWords) => `the certificate of ${server}`;
const clock = (nowMs: number) => `this machine's clock shows ${shownTime(nowMs)}`;

export function expired(words: TlsWords, { limitMs, nowMs }: Details): TlsFault {
  const when = limitMs === undefined ? "" : ` on ${shownTime(limitMs)}`;
  return {
    reason: `${certificateOf(words)} expired${when}; ${clock(nowMs)}`,
    hint: `renew the certificate of ${words.server}; if the clock is wrong, sudo timedatectl set-ntp true`,
  };
}

export function notYetValid(words: TlsWords, { limitMs, nowMs }: Details): TlsFault {
  const when = limitMs === undefined ? "yet" : `before ${shownTime(limitMs)}`;
  return {
    reason: `${certificateOf(words)} is not valid ${when}; ${clock(nowMs)}`,
    hint: "set the clock: sudo timedatectl set-ntp true",
  };
}

/**
 * @param host the name or IP address of the connection.
 * @param names those in the certificate, as a message shows them; undefined when they are unknown, "" when there are none.
 */
export function wrongName(words: TlsWords, host: string | undefined, names: string | undefined): TlsFault {
  const quoted = host === undefined ? "this name" : `"${host}"`;
  const others = names === undefined ? "" : ` but for ${names || "no name at all"}`;
  return {
    reason: `${certificateOf(words)} is not for ${quoted}${others}`,
    hint: names === ""
      ? `put ${quoted} into the certificate as a subjectAltName; a common name does not count`
      : `use ${
        names === undefined ? "a name of the certificate" : "one of these names"
      } in the address, or put ${quoted} ` +
        "into the certificate",
  };
}

export function ownAuthority(words: TlsWords): TlsFault {
  return {
    reason: `${certificateOf(words)} is its own authority, which is not accepted`,
    hint:
      `sign a certificate for ${words.server} with a separate authority, and set ${words.authority} to it`,
  };
}

export function unknownAuthority(
  words: TlsWords,
  signer?: { readonly name: string; readonly isConfigured: boolean },
): TlsFault {
  if (!signer) {
    return {
      reason: `${certificateOf(words)} is not signed by an authority that this program trusts`,
      hint: `set ${words.authority} to the certificate of the authority that signed it (PEM)`,
    };
  }
  const where = signer.isConfigured ? `not in ${words.authority}` : "no authority that this system trusts";
  return {
    reason: `${certificateOf(words)} is signed by "${signer.name}", which is ${where}`,
    hint: `set ${words.authority} to the certificate of the authority "${signer.name}" (PEM)`,
  };
}

export function clientCertificateRequired(
  { server }: TlsWords,
  hint: string,
  { isCertain = true } = {},
): TlsFault {
  const requires = isCertain ? "requires" : "closes the connection; it may require";
  return { reason: `${server} ${requires} a client certificate`, hint };
}

/** @param usualPort a note on the TLS port of this protocol. */
export function noTls({ server, plainScheme }: TlsWords, usualPort = ""): TlsFault {
  return {
    reason: `${server} speaks no TLS on this port`,
    hint: `use its TLS port${usualPort}, or ${plainScheme} in the address`,
  };
}

/**
 * The fault that an error message of `fetch` names, such as `invalid peer certificate: certificate expired: …, but
 * certificate is not valid after 1609459200`; undefined when TLS is not the cause. The texts are those of rustls, also of
 * versions before 0.23.
 */
export function tlsFaultOf(
  message: string,
  words: TlsWords,
  nowMs: number = Date.now(),
): TlsFault | undefined {
  const limit = (pattern: RegExp) => {
    const seconds = pattern.exec(message)?.[1];
    return { nowMs, limitMs: seconds === undefined ? undefined : Number(seconds) * 1000 };
  };
  if (/certificate expired|peer certificate: Expired/.test(message)) {
    return expired(words, limit(/not valid after (\d{1,12})/));
  }
  if (/not valid yet|NotValidYet/.test(message)) {
    return notYetValid(words, limit(/not valid before (\d{1,12})/));
  }
  const [, host, names] = /not valid for name "([\w.:-]*)"(?:; certificate is (?:only|not) valid for (.*))?/
    .exec(message) ?? [];
  if (host !== undefined || /NotValidForName/.test(message)) {
    const only = names?.replace(/IpAddress\(([^)]*)\)|DnsName\("?([^")]*)"?\)/g, "$1$2").slice(0, 300);
    return wrongName(words, host, only || undefined);
  }
  if (/UnknownIssuer/.test(message)) return unknownAuthority(words);
  if (/CaUsedAsEndEntity/.test(message)) return ownAuthority(words);
  if (/CertificateRequired/.test(message)) {
    return clientCertificateRequired(words, `let ${words.server} accept clients without a certificate`);
  }
  if (/InvalidContentType|corrupt message/.test(message)) return noTls(words);
  if (/invalid HTTP version parsed/.test(message)) {
    return {
      reason: `${words.server} speaks no HTTP on this port, perhaps TLS`,
      hint: `use ${words.tlsScheme} in the address`,
    };
  }
  const [, other] = /invalid peer certificate: ([\w .,:()-]{1,120})/.exec(message) ?? [];
  return other === undefined ? undefined : {
    reason: `${certificateOf(words)} is refused: ${other}`,
    hint: `renew the certificate of ${words.server}`,
  };
}
