/** Names of files in an archive, made from object keys: safe to unpack on every system. */

/** Characters that Windows does not allow in names, control characters, and marks that change how text looks. */
const UNSAFE = /[<>:"|?*\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
/** Names of devices of Windows, also with an extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Gives each key a name of its own. */
export class ZipNames {
  /** The names so far in lower case: many file systems do not tell capitals apart. */
  readonly #taken = new Set<string>();

  /** A relative path with `/`, without `.` and `..`. Keys that differ have names that differ. */
  nameOf(key: string): string {
    const name = key.split("/").map(safeSegment).filter((segment) => segment !== "").join("/") || "face";
    for (let number = 1;; number++) {
      const tried = number === 1 ? name : name.replace(/(\.[^./]*)?$/, `_${number}$1`);
      if (this.#taken.has(tried.toLowerCase())) continue;
      this.#taken.add(tried.toLowerCase());
      return tried;
    }
  }
}

function safeSegment(segment: string): string {
  // Windows removes dots and spaces at the end, so that `..` would come back from `.. `.
  return segment.replace(UNSAFE, "_").replace(/[. ]+$/, "").replace(DEVICE, "_$1");
}
