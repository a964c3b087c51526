/** Object key <-> path of a face in the gallery. Keys come from listings and paths from anybody: neither is trusted. */

import { isInSystemFolder } from "../face/system_names.ts";

const FOLDER = "faces/";
const MAX_KEY_BYTES = 1024; // the longest key that S3 knows

/**
 * Whether the gallery shows an object of this name: one that ends as pictures do, or has no ending at all, that is no
 * system's own, and whose path means the same to a browser, to a file system and to S3.
 */
export function isFaceKey(key: string): boolean {
  const segments = key.split("/");
  const plain = (segment: string) => segment !== "" && segment !== "." && segment !== "..";
  return segments.every(plain) && !isInSystemFolder(key) && !hasControlOrBackslash(key) &&
    key.isWellFormed() &&
    new TextEncoder().encode(key).length <= MAX_KEY_BYTES &&
    /(^|\/)[^./]+$|\.(png|jpe?g)$/i.test(key);
}

/** The address of a face, relative to the page. */
export function urlOf(key: string): string {
  return FOLDER + key.split("/").map(encodeURIComponent).join("/");
}

/** The key that a request path means, or nothing when it can be no key that the gallery has shown. */
export function keyOf(pathname: string): string | undefined {
  if (!pathname.startsWith(`/${FOLDER}`)) return undefined;
  try {
    const segments = pathname.slice(FOLDER.length + 1).split("/").map(decodeURIComponent);
    // An encoded slash would make one segment two, behind the back of the check.
    if (segments.some((segment) => segment.includes("/"))) return undefined;
    const key = segments.join("/");
    return isFaceKey(key) ? key : undefined;
  } catch {
    return undefined; // no valid percent-encoding
  }
}

function hasControlOrBackslash(text: string): boolean {
  return Array.from(text).some((letter) => letter < " " || letter === "\x7f" || letter === "\\");
}
