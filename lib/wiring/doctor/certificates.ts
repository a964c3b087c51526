/** How long certificates stay valid: those of servers, and those in the files of settings. */
import { type Certificate, isSame, readCertificate, readCertificates } from "../../tls/certificate.ts";
import { counted } from "../../terminal/status.ts";
import { probeServer, type ServerPlace } from "../../tls/probe_server.ts";
import { shownTime } from "../../tls/tls_fault.ts";
import { readServerCertificate } from "../pem_files.ts";
import { checkPreviewCertificate } from "../preview_settings.ts";
import type { Check, Finding } from "./finding.ts";
import type { Checked, CheckedSettings } from "./settings.ts";

const DAY_MS = 24 * 3600_000;
/** A certificate expires soon when less is left than this, and than this share of its validity: renewal is late then. */
const SOON_MS = 30 * DAY_MS;
const SOON_SHARE = 1 / 4;

/** The certificates of a server with TLS, its own first; none when they cannot be read. */
async function certificatesOf(
  place: ServerPlace,
  options: { signal: AbortSignal },
): Promise<readonly Certificate[]> {
  const answer = await probeServer(place, new Uint8Array(), options);
  try {
    return answer.kind === "tls" ? answer.chain.map(readCertificate) : [];
  } catch {
    return []; // The connection works all the same.
  }
}

/**
 * A note for a certificate that expires soon, a fault for one that has expired.
 * @param what such as `the certificate of the broker`
 */
export function validityFinding(
  name: string,
  what: string,
  { notBeforeMs, notAfterMs }: Pick<Certificate, "notBeforeMs" | "notAfterMs">,
  nowMs: number,
): Finding {
  const leftMs = notAfterMs - nowMs;
  const hint = `renew ${what}`;
  if (leftMs < 0) return { name, state: "wrong", text: `${what} expired on ${shownTime(notAfterMs)}`, hint };
  if (leftMs > Math.min(SOON_MS, (notAfterMs - notBeforeMs) * SOON_SHARE)) {
    return { name, state: "ok", text: `${what} is valid until ${shownTime(notAfterMs)}` };
  }
  const left = leftMs < DAY_MS ? "less than a day" : counted(Math.floor(leftMs / DAY_MS), "day");
  return { name, state: "note", text: `${what} expires on ${shownTime(notAfterMs)}, in ${left}`, hint };
}

/** The findings for a server's certificate, and for those in our files that belong to the connection. */
export async function* connectionFindings(
  name: string,
  place: ServerPlace,
  { server, ca, caSetting, cert }: {
    /** Such as `the broker`. */
    readonly server: string;
    /** PEM texts. */
    readonly ca?: string;
    readonly caSetting?: string;
    readonly cert?: string;
  },
  { signal }: { signal: AbortSignal },
): AsyncGenerator<Finding> {
  const nowMs = Date.now();
  const chain = await certificatesOf(place, { signal });
  if (chain.length > 0) yield validityFinding(name, `the certificate of ${server}`, chain[0], nowMs);
  // Of a bundle, only the authorities that issued a certificate of this server count.
  const signers = ca === undefined
    ? []
    : readCertificates(ca).filter(({ subject }) => chain.some(({ issuer }) => isSame(issuer, subject)));
  for (const signer of signers) {
    const finding = validityFinding(
      name,
      `the authority "${signer.subjectName}" in --${caSetting}`,
      signer,
      nowMs,
    );
    if (finding.state !== "ok") yield finding;
  }
  if (cert !== undefined) {
    yield validityFinding(name, "the client certificate in --tls-cert", readCertificates(cert)[0], nowMs);
  }
}

/** The certificate of a page that the program serves by HTTPS. */
export function pageCertificateChecks(program: Checked, settings: CheckedSettings): Check[] {
  const { certSetting, keySetting, cert, key } = program === "gallery"
    ? { certSetting: "tls-cert", keySetting: "tls-key", cert: settings.tlsCert, key: settings.tlsKey }
    : {
      ...{ certSetting: "preview-tls-cert", keySetting: "preview-tls-key" },
      ...{ cert: settings.previewTlsCert, key: settings.previewTlsKey },
    };
  if (program !== "gallery" && program !== "detector" || cert === undefined && key === undefined) return [];
  return [{
    name: "page",
    limitMs: 10_000,
    async *run() {
      if (program === "detector") checkPreviewCertificate(settings);
      const read = readServerCertificate({ certSetting, keySetting, cert, key });
      const [own] = readCertificates(read!.cert);
      yield validityFinding("page", `the certificate in --${certSetting}`, own, Date.now());
    },
  }];
}
