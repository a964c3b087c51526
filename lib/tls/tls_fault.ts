/** Why a TLS connection was refused, in words that a user can act on. */
import { type Certificate, isFor, isSame, readCertificate, readCertificates } from "./certificate.ts";
import { askServer, type ServerAnswer, type ServerPlace } from "./server_answer.ts";
import { abortable, atMost } from "../async/delay.ts";

/** The cause and the cure. */
export interface TlsFault {
  readonly reason: string;
  readonly hint: string;
}

/** What the connection was to be like. */
export interface TlsAttempt extends ServerPlace {
  /** Whether TLS was spoken. */
  readonly isTls: boolean;
  /** What begins the protocol where no TLS is spoken; a server answers it. */
  readonly plainHello: Uint8Array<ArrayBuffer>;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly words: TlsWords;
}

/** What things are called in messages. */
export interface TlsWords {
  /** Who answers, such as `the broker`. */
  readonly server: string;
  /** The setting with the authority's certificate, such as `--broker-ca`, and how to give one. */
  readonly authority: string;
  /** The schemes without and with TLS, such as `mqtt://` and `mqtts://`. */
  readonly plainScheme: string;
  readonly tlsScheme: string;
}

const VERIFY_MS = 3_000;

const time = (ms: number) => new Date(ms).toISOString().slice(0, 19) + "Z";

/** Asks the server and explains; nothing when the fault lies elsewhere. Never throws. */
export async function findTlsFault(
  attempt: TlsAttempt,
  around: { signal: AbortSignal },
): Promise<TlsFault | undefined> {
  try {
    const answer = await askServer(attempt, attempt.plainHello, around);
    if (!attempt.isTls || answer.kind !== "tls") return wrongProtocol(attempt, answer);
    const [own, ...others] = answer.chain.map(readCertificate);
    if (!own) return undefined;
    return wrongCertificate(own, attempt, Date.now()) ??
      (await isTrusted(attempt, around)
        ? wrongClient(attempt, answer)
        : unknownAuthority([own, ...others], attempt));
  } catch {
    return undefined; // It was only to say more.
  }
}

function wrongProtocol(
  { isTls, words }: TlsAttempt,
  { kind }: ServerAnswer,
): TlsFault | undefined {
  const { server, plainScheme, tlsScheme } = words;
  if (isTls && kind === "plain") {
    return {
      reason: `${server} speaks no TLS on this port`,
      hint: `use its TLS port, usually 8883 for MQTT, or ${plainScheme} in the address`,
    };
  }
  if (!isTls && kind === "tls") {
    return { reason: `${server} speaks TLS on this port`, hint: `use ${tlsScheme} in the address` };
  }
}

/** Faults that the server's own certificate shows. */
function wrongCertificate(
  own: Certificate,
  { hostname, words }: Pick<TlsAttempt, "hostname" | "words">,
  nowMs: number,
): TlsFault | undefined {
  const clock = `this machine's clock shows ${time(nowMs)}`;
  const whose = `the certificate of ${words.server}`;
  if (nowMs > own.notAfterMs) {
    return {
      reason: `${whose} expired on ${time(own.notAfterMs)}; ${clock}`,
      hint: `renew the certificate of ${words.server}; if the clock is wrong, sudo timedatectl set-ntp true`,
    };
  }
  if (nowMs < own.notBeforeMs) {
    return {
      reason: `${whose} is not valid before ${time(own.notBeforeMs)}; ${clock}`,
      hint: "set the clock: sudo timedatectl set-ntp true",
    };
  }
  if (!isFor(own, hostname)) {
    const names = own.names.length > 0 ? own.names.map((name) => `"${name}"`).join(", ") : "no name at all";
    return {
      reason: `${whose} is not for "${hostname}" but for ${names}`,
      hint: own.names.length > 0
        ? `use one of these names in the address, or put "${hostname}" into the certificate`
        : `put "${hostname}" into the certificate as a subjectAltName; a common name does not count`,
    };
  }
}

/** Whether the runtime's TLS accepts the server's certificate. */
async function isTrusted(
  { hostname, port, ca, cert, key }: TlsAttempt,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  let isAccepted = false;
  const verify = async () => {
    const ours = cert && key ? { cert, key } : {};
    const connection = await Deno.connectTls({ hostname, port, caCerts: ca ? [ca] : [], ...ours });
    try {
      await connection.handshake();
      isAccepted = true;
    } catch (error) {
      // Only a server that accepted its own certificate's check can refuse ours.
      isAccepted = /alert/i.test(String(error)) && !/invalid peer certificate/i.test(String(error));
    } finally {
      connection.close();
    }
  };
  await atMost(VERIFY_MS, abortable(verify(), { signal }));
  return isAccepted;
}

/** The server's certificate is all right: it is about ours. */
function wrongClient(
  { cert, words: { server } }: TlsAttempt,
  answer: ServerAnswer & { kind: "tls" },
): TlsFault | undefined {
  if (cert !== undefined && answer.wantsCertificate !== false) {
    const [ours] = readCertificates(cert);
    if (ours.notAfterMs < Date.now()) {
      return {
        reason: `the client certificate in --tls-cert expired on ${time(ours.notAfterMs)}`,
        hint: "renew the client certificate",
      };
    }
    return {
      reason: `${server} refuses the client certificate`,
      hint: `set --tls-cert and --tls-key to a certificate that is signed by an authority of ${server}`,
    };
  }
  if (cert === undefined && answer.wantsCertificate !== false) {
    const demands = answer.wantsCertificate ? "demands" : "closes the connection; it may demand";
    return { reason: `${server} ${demands} a client certificate`, hint: "set --tls-cert and --tls-key" };
  }
}

function unknownAuthority(chain: readonly Certificate[], { ca, words }: TlsAttempt): TlsFault {
  const whose = `the certificate of ${words.server}`;
  const signer = chain.at(-1)!.issuerName;
  const [own] = chain;
  const known = ca === undefined ? [] : readCertificates(ca);
  if (known.some(({ der }) => isSame(der, own.der))) {
    return {
      reason: `${whose} is its own authority, which is not accepted`,
      hint:
        `sign a certificate for ${words.server} with an authority of its own, and set ${words.authority} to it`,
    };
  }
  const namesake = known.find(({ subject }) => chain.some(({ issuer }) => isSame(issuer, subject)));
  if (namesake) {
    const isOver = namesake.notAfterMs < Date.now();
    return {
      reason: isOver
        ? `the authority "${namesake.subjectName}" in ${words.authority} expired on ${
          new Date(namesake.notAfterMs).toISOString().slice(0, 10)
        }`
        : `${whose} is not signed by the authority "${namesake.subjectName}" in ${words.authority}, but by another ` +
          "one of that name",
      hint: `set ${words.authority} to the certificate of the authority that signed it`,
    };
  }
  return {
    reason: `${whose} is signed by "${signer}", which is ${
      ca === undefined ? "no authority that this system knows" : `not in ${words.authority}`
    }`,
    hint: `set ${words.authority} to the certificate of the authority "${signer}" (PEM)`,
  };
}
