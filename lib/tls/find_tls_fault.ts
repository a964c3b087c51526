/** Finds out why a TLS connection failed, by additional connections to the server. */
import { abortable, atMost } from "../async/delay.ts";
import { type Certificate, isFor, isSame, readCertificate, readCertificates } from "./certificate.ts";
import { probeServer, type ServerAnswer, type ServerPlace } from "./probe_server.ts";
import {
  clientCertificateRequired,
  expired,
  noTls,
  notYetValid,
  ownAuthority,
  shownTime,
  type TlsFault,
  type TlsWords,
  unknownAuthority,
  wrongName,
} from "./tls_fault.ts";

/** The connection that failed. */
export interface TlsAttempt extends ServerPlace {
  /** Whether it used TLS. */
  readonly isTls: boolean;
  /** The first bytes of the plain protocol, to which a server without TLS responds. */
  readonly plainHello: Uint8Array<ArrayBuffer>;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly words: TlsWords;
}

const VERIFY_MS = 3_000;

/** Probes the server and names the fault; undefined when TLS is not the cause. Takes at most 12 s. Never throws. */
export async function findTlsFault(
  attempt: TlsAttempt,
  options: { signal: AbortSignal },
): Promise<TlsFault | undefined> {
  try {
    const answer = await probeServer(attempt, attempt.plainHello, options);
    if (!attempt.isTls || answer.kind !== "tls") return wrongProtocol(attempt, answer);
    const [own, ...others] = answer.chain.map(readCertificate);
    if (!own) return undefined;
    return wrongCertificate(own, attempt, Date.now()) ??
      (await isTrusted(attempt, options)
        ? wrongClient(attempt, answer)
        : wrongAuthority([own, ...others], attempt));
  } catch {
    return undefined; // The caller already has an error; this was only to explain it.
  }
}

function wrongProtocol({ isTls, words }: TlsAttempt, { kind }: ServerAnswer): TlsFault | undefined {
  if (isTls && kind === "plain") return noTls(words, ", usually 8883 for MQTT");
  if (isTls || kind !== "tls") return undefined;
  return { reason: `${words.server} speaks TLS on this port`, hint: `use ${words.tlsScheme} in the address` };
}

/** The faults that the server's own certificate shows. */
function wrongCertificate(
  own: Certificate,
  { hostname, words }: Pick<TlsAttempt, "hostname" | "words">,
  nowMs: number,
): TlsFault | undefined {
  if (nowMs > own.notAfterMs) return expired(words, { limitMs: own.notAfterMs, nowMs });
  if (nowMs < own.notBeforeMs) return notYetValid(words, { limitMs: own.notBeforeMs, nowMs });
  if (isFor(own, hostname)) return undefined;
  return wrongName(words, hostname, own.names.map((name) => `"${name}"`).join(", "));
}

/** Whether Deno's TLS accepts the server's certificate. */
async function isTrusted(
  { hostname, port, ca, cert, key }: TlsAttempt,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  const verify = async () => {
    const ours = cert && key ? { cert, key } : {};
    const connection = await Deno.connectTls({ hostname, port, caCerts: ca ? [ca] : [], ...ours });
    try {
      await connection.handshake();
      return true;
    } catch (error) {
      // A server rejects our certificate, with an alert, only after we have accepted its own.
      return /alert/i.test(String(error)) && !/invalid peer certificate/i.test(String(error));
    } finally {
      connection.close();
    }
  };
  return await atMost(VERIFY_MS, abortable(verify(), { signal })) ?? false;
}

/** The faults of the client certificate, once the server's own certificate is trusted. */
function wrongClient(
  { cert, words }: TlsAttempt,
  { requestsCertificate }: ServerAnswer & { kind: "tls" },
): TlsFault | undefined {
  if (requestsCertificate === false) return undefined;
  if (cert === undefined) {
    return clientCertificateRequired(words, "set --tls-cert and --tls-key", {
      isCertain: requestsCertificate === true,
    });
  }
  const [ours] = readCertificates(cert);
  if (ours.notAfterMs < Date.now()) {
    return {
      reason: `the client certificate in --tls-cert expired on ${shownTime(ours.notAfterMs)}`,
      hint: "renew the client certificate",
    };
  }
  return {
    reason: `${words.server} refuses the client certificate`,
    hint: `set --tls-cert and --tls-key to a certificate that is signed by an authority of ${words.server}`,
  };
}

/** The faults of the authority. @param chain the server's certificates, its own first. */
function wrongAuthority(chain: readonly Certificate[], { ca, words }: TlsAttempt): TlsFault {
  const trusted = ca === undefined ? [] : readCertificates(ca);
  if (trusted.some(({ der }) => isSame(der, chain[0].der))) return ownAuthority(words);
  const namesake = trusted.find(({ subject }) => chain.some(({ issuer }) => isSame(issuer, subject)));
  if (!namesake) {
    return unknownAuthority(words, { name: chain.at(-1)!.issuerName, isConfigured: ca !== undefined });
  }
  const { subjectName, notAfterMs } = namesake;
  return {
    reason: notAfterMs < Date.now()
      ? `the authority "${subjectName}" in ${words.authority} expired on ${
        shownTime(notAfterMs).slice(0, 10)
      }`
      : `the certificate of ${words.server} is not signed by the authority "${subjectName}" in ${words.authority}, ` +
        "but by another one of that name",
    hint: `set ${words.authority} to the certificate of the authority that signed it`,
  };
}
