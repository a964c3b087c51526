/** PEM files for TLS, checked before the first connection: the TLS library accepts nearly any text and fails later. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { ConfigError, messageOf } from "../errors.ts";
import type { ServerCertificate } from "../http_listen.ts";
import { quoted, withSafeAddresses } from "../safe_address.ts";
import { isSame, pemBlocks, readCertificates } from "../tls/certificate.ts";

/** The texts of the files, for the TLS library. */
export interface PemTexts {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A larger file is rejected. */
const MAX_FILE_BYTES = 4 * 2 ** 20;
const KEY = /^([A-Z]+ )?PRIVATE KEY$/;

/** Reads the given files. Throws a ConfigError for a file without a usable certificate or key. */
export function readPemFiles(
  { caSetting, certSetting = "tls-cert", keySetting = "tls-key", ca, cert, key }: {
    /** The setting of the authority, such as `broker-ca`. */
    readonly caSetting: string;
    readonly certSetting?: string;
    readonly keySetting?: string;
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  },
): PemTexts {
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? [keySetting, certSetting] : [certSetting, keySetting];
    throw new ConfigError(`--${given} is given without --${missing}`, `set --${missing} too`);
  }
  const texts = {
    ca: ca === undefined ? undefined : certificates(caSetting, ca),
    cert: cert === undefined ? undefined : certificates(certSetting, cert),
    key: key === undefined ? undefined : privateKey(keySetting, key),
  };
  if (texts.cert !== undefined && texts.key !== undefined && !isPair(texts.cert, texts.key)) {
    throw new ConfigError(
      `the key in --${keySetting} ${quoted(key!)} is not the key of the certificate in --${certSetting} ${
        quoted(cert!)
      }`,
      `set --${keySetting} to the private key of that certificate`,
    );
  }
  return texts;
}

/** Certificate and key of a page; undefined without them. Throws as `readPemFiles` does. */
export function readServerCertificate(
  files: Omit<Parameters<typeof readPemFiles>[0], "caSetting" | "ca">,
): ServerCertificate | undefined {
  const { cert, key } = readPemFiles({ ...files, caSetting: "" });
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function certificates(name: string, path: string): string {
  const text = readText(name, path);
  const wrong = (what: string) =>
    new ConfigError(
      `--${name} ${quoted(path)} ${what}`,
      `set --${name} to a PEM file that holds "-----BEGIN CERTIFICATE-----"`,
    );
  let count: number;
  try {
    count = readCertificates(text).length;
  } catch {
    throw wrong("holds a certificate that is damaged");
  }
  if (count === 0) throw wrong(`holds no certificate${instead(text)}`);
  return text;
}

function privateKey(name: string, path: string): string {
  const text = readText(name, path);
  const wrong = (
    what: string,
    hint = `set --${name} to a PEM file that holds "-----BEGIN PRIVATE KEY-----"`,
  ) => new ConfigError(`--${name} ${quoted(path)} ${what}`, hint);
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw wrong("holds a key that is encrypted", "decrypt it: openssl pkey -in KEY -out PLAIN-KEY");
  }
  let count: number;
  try {
    count = pemBlocks(text, KEY).length;
  } catch {
    throw wrong("holds a private key that is damaged");
  }
  if (count === 0) throw wrong(`holds no private key${instead(text)}`);
  return text;
}

/** The end of the message about a file without the expected block: the block that it has instead. */
function instead(text: string): string {
  if (/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return " but a certificate";
  if (/-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/.test(text)) return " but a private key";
  if (/-----BEGIN CERTIFICATE REQUEST-----/.test(text)) return " but a certificate request";
  if (/-----BEGIN ([A-Z]+ )*PUBLIC KEY-----/.test(text)) return " but a public key";
  return text.trim() === "" ? " and is empty" : " in PEM";
}

/** Whether the key belongs to the first certificate. True for a kind of key that Deno cannot read. */
function isPair(cert: string, key: string): boolean {
  try {
    const spki = createPublicKey(createPrivateKey(key)).export({ type: "spki", format: "der" });
    return isSame(new Uint8Array(spki), readCertificates(cert)[0].publicKey);
  } catch {
    return true;
  }
}

function readText(name: string, path: string): string {
  const wrong = (reason: string) =>
    new ConfigError(
      `cannot read --${name} ${quoted(path)}: ${reason}`,
      `set --${name} to the path of a PEM file`,
    );
  let bytes: Uint8Array;
  try {
    if (Deno.statSync(path).size > MAX_FILE_BYTES) throw wrong("it is too large for a PEM file");
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof Deno.errors.NotFound) throw wrong("no such file");
    throw wrong(withSafeAddresses(messageOf(error).replace(/: \w+ '.*'$/s, "")));
  }
  return new TextDecoder().decode(bytes);
}
