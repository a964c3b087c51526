/**
 * Reads a certificate from its DER bytes (RFC 5280), in order to explain a failed connection. Verifies nothing. Deno 2.6
 * lacks `X509Certificate.subjectAltName`.
 *
 * ```
 * Certificate ::= SEQUENCE { tbs SEQUENCE, algorithm SEQUENCE, signature BIT STRING }
 * tbs ::= { [0] version, serial, algorithm, issuer, SEQUENCE { notBefore, notAfter }, subject, publicKey, [3] extensions }
 * ```
 */
import { printable } from "../printable.ts";

/** One certificate. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The issuer's common name, or the last part of its name without one. */
  readonly issuerName: string;
  readonly subjectName: string;
  /** The complete names, encoded (DER): equal bytes are the same name. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** The DNS names and IP addresses of its subjectAltName, at most 20. */
  readonly names: readonly string[];
  /** The encoded public key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
}

/** Names beyond this number are ignored. */
const MAX_NAMES = 20;
/** A longer name is cut. */
const MAX_NAME = 100;
/** Object identifiers, encoded, in hexadecimal. */
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";

interface Field {
  readonly tag: number;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** Reads a certificate. Throws an Error when the bytes are not one. */
export function readCertificate(der: Uint8Array): Certificate {
  const [tbs] = fields(first(der).content);
  const parts = fields(tbs.content);
  if (parts[0].tag === 0xa0) parts.shift(); // Version 1 certificates have no version field.
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

/** The certificates in a PEM file. Throws an Error when one of them is damaged. */
export function readCertificates(pem: string): Certificate[] {
  return pemBlocks(pem, /^(TRUSTED |X509 )?CERTIFICATE$/).map(readCertificate);
}

/** The decoded blocks of a PEM file whose label matches. Throws an Error for invalid Base64. */
export function pemBlocks(pem: string, label: RegExp): Uint8Array[] {
  return Array.from(pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g))
    .filter(([, name]) => label.test(name))
    .map(([, , text]) => Uint8Array.from(atob(text.replace(/\s/g, "")), (letter) => letter.charCodeAt(0)));
}

/** Whether a certificate is for this host: a name or an IP address, IPv6 without brackets. */
export function isFor({ names }: Certificate, host: string): boolean {
  const name = host.toLowerCase();
  return names.map((entry) => entry.toLowerCase()).some((entry) =>
    entry === name || (entry.startsWith("*.") && name.replace(/^[^.]+/, "*") === entry) // "*" is one whole label.
  );
}

/** Whether two encoded names, keys or certificates are equal. */
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

/** `SEQUENCE OF SET OF SEQUENCE { type, value }`: the value of the common name, or else the last value. */
function nameText(name: Field): string {
  const parts = fields(name.content).flatMap((set) => fields(set.content)).map((part) =>
    fields(part.content)
  );
  const [, value] = parts.find(([type]) => hex(type.content) === COMMON_NAME) ?? parts.at(-1) ?? [];
  return value ? shown(value.content, "utf-8") : "";
}

/** `YYMMDDhhmmssZ` (tag 0x17, years from 1950 on) or `YYYYMMDDhhmmssZ`. */
function timeOf({ tag, content }: Field): number {
  const text = new TextDecoder("latin1").decode(content);
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
      if (tag === 0x82) return [shown(content, "latin1")];
      return tag === 0x87 ? [addressText(content)] : [];
    });
  }
  return [];
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length !== 16) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => hex(bytes.subarray(2 * index, 2 * index + 2)));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1); // The URL parser shortens it.
}

/** A name that a peer chose, for messages. */
function shown(bytes: Uint8Array, encoding: "utf-8" | "latin1"): string {
  return printable(new TextDecoder(encoding).decode(bytes), { max: MAX_NAME });
}
