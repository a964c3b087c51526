/** Converts object keys to URL paths and back. Keys come from listings and paths from clients: neither is trusted. */
import { isInSystemFolder } from "../face/system_names.ts";

const FOLDER = "faces/";
const THUMBS = "thumbs/";
/** The maximum length of an S3 key. */
const MAX_KEY_BYTES = 1024;

/**
 * Whether the gallery shows an object with this key. The key ends in `.png`, `.jpg` or `.jpeg` or has no extension, names
 * no file of an operating system, and means the same path to a browser, a file system and S3.
 */
export function isFaceKey(key: string): boolean {
  const isPlain = (segment: string) => segment !== "" && segment !== "." && segment !== "..";
  return key.split("/").every(isPlain) && !isInSystemFolder(key) && !hasControlOrBackslash(key) &&
    key.isWellFormed() &&
    new TextEncoder().encode(key).length <= MAX_KEY_BYTES &&
    /(^|\/)[^./]+$|\.(png|jpe?g)$/i.test(key);
}

/** The URL of a face, relative to the page. */
export function urlOf(key: string): string {
  return FOLDER + encoded(key);
}

/** The URL of a small picture of a face, relative to the page. */
export function thumbUrlOf(key: string): string {
  return THUMBS + encoded(key);
}

function encoded(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

/** The object key of the path of a face; undefined when the gallery shows no such key. */
export function keyOf(pathname: string): string | undefined {
  return keyBelow(FOLDER, pathname);
}

/** The same for the path of a small picture. */
export function thumbKeyOf(pathname: string): string | undefined {
  return keyBelow(THUMBS, pathname);
}

function keyBelow(folder: string, pathname: string): string | undefined {
  if (!pathname.startsWith(`/${folder}`)) return undefined;
  try {
    const segments = pathname.slice(folder.length + 1).split("/").map(decodeURIComponent);
    // An encoded slash would add a segment that browsers and proxies have not normalised.
    if (segments.some((segment) => segment.includes("/"))) return undefined;
    const key = segments.join("/");
    return isFaceKey(key) ? key : undefined;
  } catch {
    return undefined; // Invalid percent-encoding.
  }
}

function hasControlOrBackslash(text: string): boolean {
  return Array.from(text).some((letter) => letter < " " || letter === "\x7f" || letter === "\\");
}
