/**
 * What a certificate says, read from its DER bytes (RFC 5280). Only read, never verified: this explains a refusal that
 * has happened already. Deno 2.6 has no `X509Certificate.subjectAltName`.
 *
 * ```
 * Certificate ::= SEQUENCE { tbs SEQUENCE, algorithm SEQUENCE, signature BIT STRING }
 * tbs ::= { [0] version, serial, algorithm, issuer, SEQUENCE { notBefore, notAfter }, subject, publicKey, [3] extensions }
 * ```
 */

/** One certificate. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The common name of who signed it, or another part of the name where there is none. */
  readonly issuerName: string;
  readonly subjectName: string;
  /** The whole names, encoded: equal where two certificates mean the same one. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** DNS names and IP addresses that it is for. */
  readonly names: readonly string[];
  /** The encoded public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
}

/** A certificate names at most this many hosts in a message. */
const MAX_NAMES = 20;
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";

interface Field {
  readonly tag: number;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** Reads a certificate; throws when the bytes are none. */
export function readCertificate(der: Uint8Array): Certificate {
  const [tbs] = fields(first(der).content);
  const parts = fields(tbs.content);
  if (parts[0].tag === 0xa0) parts.shift(); // The version is left out in those of version 1.
  const [, , issuer, validity, subject, publicKey, ...more] = parts;
  const [notBefore, notAfter] = fields(validity.content);
  const extensions = more.find(({ tag }) => tag === 0xa3);
  return {
    der,
    issuerName: nameText(issuer),
    subjectName: nameText(subject),
    issuer: issuer.whole,
    subject: subject.whole,
    notBeforeMs: timeOf(notBefore),
    notAfterMs: timeOf(notAfter),
    names: extensions ? altNames(extensions) : [],
    publicKey: publicKey.whole,
  };
}

/** The certificates in a PEM file; throws when one of them is none. */
export function readCertificates(pem: string): Certificate[] {
  return pemBlocks(pem, /^(TRUSTED |X509 )?CERTIFICATE$/).map(readCertificate);
}

/** The decoded blocks of a PEM file whose label matches. */
export function pemBlocks(pem: string, label: RegExp): Uint8Array[] {
  return Array.from(pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g))
    .filter(([, name]) => label.test(name))
    .map(([, , text]) => Uint8Array.from(atob(text.replace(/\s/g, "")), (letter) => letter.charCodeAt(0)));
}

/** Whether a certificate is for this host: a name, or an IP address without brackets. */
export function isFor({ names }: Certificate, host: string): boolean {
  const wanted = host.toLowerCase();
  return names.some((name) => {
    const given = name.toLowerCase();
    // A star stands for one whole label.
    return given === wanted || (given.startsWith("*.") && wanted.replace(/^[^.]+/, "*") === given);
  });
}

/** Whether two encoded names or certificates are the same. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function first(bytes: Uint8Array): Field {
  const [tag, short] = bytes;
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  if (bytes.length < 2 || lengthBytes > 4) throw new Error("no DER");
  const length = lengthBytes === 0
    ? short
    : bytes.subarray(2, 2 + lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const [begin, end] = [2 + lengthBytes, 2 + lengthBytes + length];
  if (end > bytes.length) throw new Error("DER cut short");
  return { tag, whole: bytes.subarray(0, end), content: bytes.subarray(begin, end) };
}

function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(found.at(-1)!.whole.length)) {
    found.push(first(rest));
  }
  return found;
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** `SEQUENCE OF SET OF SEQUENCE { type, value }`: the common name's value, or else the last one. */
function nameText(name: Field): string {
  const parts = fields(name.content).flatMap((set) => fields(set.content)).map((part) =>
    fields(part.content)
  );
  const [, value] = parts.find(([type]) => hex(type.content) === COMMON_NAME) ?? parts.at(-1) ?? [];
  return value ? printable(new TextDecoder().decode(value.content)) : "";
}

/** `YYMMDDhhmmssZ` (tag 0x17, years from 1950 on) or `YYYYMMDDhhmmssZ`. */
function timeOf({ tag, content }: Field): number {
  const text = latin1(content);
  const century = Number(text.slice(0, 2)) < 50 ? "20" : "19";
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?/.exec(tag === 0x17 ? century + text : text) ?? [];
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
  );
}

/** `[3] SEQUENCE OF SEQUENCE { id, critical?, OCTET STRING }`; names are [2] DNS and [7] IP addresses. */
function altNames(extensions: Field): string[] {
  for (const extension of fields(first(extensions.content).content)) {
    const parts = fields(extension.content);
    if (hex(parts[0].content) !== SUBJECT_ALT_NAME) continue;
    return fields(first(parts.at(-1)!.content).content).slice(0, MAX_NAMES).flatMap(({ tag, content }) => {
      if (tag === 0x82) return [printable(latin1(content))];
      return tag === 0x87 ? [addressText(content)] : [];
    });
  }
  return [];
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length !== 16) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => hex(bytes.subarray(2 * index, 2 * index + 2)));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1); // In its short form.
}

/** A peer wrote it: one short line without control characters. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?").slice(0, 100);
}
