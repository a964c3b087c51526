/** Names for stored faces, made from a template and the face itself, never from the saver's clock. */
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { FaceFile } from "./face.ts";
import { isPlausible } from "./plausible_time.ts";
import { isSystemName } from "./system_names.ts";

/** Sorts by time within a UTC day, cannot collide, and is the same however often a face is delivered. */
export const DEFAULT_KEY = "{YYYY}-{MM}-{DD}/{HH}-{mm}-{ss}-{SSS}_{camera}_{hash}.{ext}";
const EXAMPLE = `set --key such as ${DEFAULT_KEY}`;

/** The homework's names, one second fine. */
export const HOMEWORK_KEY = "HW3/{MM}-{DD}-{YYYY}-{HH}-{mm}-{ss}_image.png";

/** In the folder that a template begins with: names for faces of a clock that was never set. They sort by number. */
const UNDATED_KEY = "undated/{camera}_{epoch}_{sequence}_{hash}.{ext}";

const STRANGER = "stranger";
const FIELD = /\{([^}]*)\}/g;

const FIELDS: Record<string, (face: FaceFile, captured: string) => string> = {
  YYYY: (_, captured) => captured.slice(0, 4),
  MM: (_, captured) => captured.slice(5, 7),
  DD: (_, captured) => captured.slice(8, 10),
  HH: (_, captured) => captured.slice(11, 13),
  mm: (_, captured) => captured.slice(14, 16),
  ss: (_, captured) => captured.slice(17, 19),
  SSS: (_, captured) => captured.slice(20, 23),
  camera: ({ metadata }) => metadata?.camera ?? STRANGER,
  device: ({ metadata }) => metadata?.device.replace(/[^\w-]/g, "_") ?? STRANGER,
  epoch: ({ metadata }) => metadata?.epoch.replace(/[^\w-]/g, "_") ?? STRANGER,
  sequence: ({ metadata }) => String(metadata?.sequence ?? 0).padStart(8, "0"),
  hash: ({ id }) => id.slice(0, 12),
  sha256: ({ id }) => id,
  ext: ({ contentType }) => contentType === "image/png" ? "png" : "jpg",
};

/** A checked template for object keys. */
export class KeyTemplate {
  /** Whether different faces always get different keys, so that writing needs no look at what is there. */
  readonly unique: boolean;

  /** Throws a ConfigError that names the unknown field. */
  constructor(readonly template: string) {
    const unknown = [...template.matchAll(FIELD)].map(([, name]) => name).find((name) =>
      !Object.hasOwn(FIELDS, name)
    );
    if (unknown !== undefined) {
      throw new ConfigError(`no field "{${unknown}}" in object keys`, `use one of ${fieldNames()}`);
    }
    if (/[{}]/.test(template.replace(FIELD, ""))) {
      throw new ConfigError(
        `${quoted(template)} is no object key: a brace without its other one`,
        EXAMPLE,
      );
    }
    if (template.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new ConfigError(
        `${
          quoted(template)
        } is no object key: it is empty, begins or ends with "/", or holds "//", "." or ".."`,
        EXAMPLE,
      );
    }
    const system = template.replace(FIELD, "x").split("/").find(isSystemName);
    if (system !== undefined) {
      throw new ConfigError(
        `"${template}" is no object key: "${system}" is a name that systems use, and the gallery passes over it`,
        EXAMPLE,
      );
    }
    this.unique = template.includes("{hash}") || template.includes("{sha256}");
  }

  /**
   * The key of a face; `arrivedMs` stands in for the capture time of a stranger's picture. A face from a time that
   * cannot be gets a key without one: a date of 1970 would hide it where nobody looks, one of next year would be the
   * newest face for a year.
   */
  keyOf(face: FaceFile, arrivedMs: number): string {
    const captured = new Date(face.metadata?.captured ?? arrivedMs).toISOString();
    const template = isPlausible(captured, { nowMs: arrivedMs })
      ? this.template
      : folderOf(this.template) + UNDATED_KEY;
    return template.replace(FIELD, (_, name) => FIELDS[name](face, captured));
  }
}

/** The folders that all keys of a template share: `HW3/` of the homework's, none of the default. */
function folderOf(template: string): string {
  const [constant] = template.split("{", 1);
  return constant.slice(0, constant.lastIndexOf("/") + 1);
}

/** The key to try when `key` is taken by a different face: `_2`, `_3`, … before the file's extension. */
export function numbered(key: string, attempt: number): string {
  return attempt === 1 ? key : key.replace(/(\.\w+)?$/, `_${attempt}$1`);
}

/** All field names as they are written in a template. */
export function fieldNames(): string {
  return Object.keys(FIELDS).map((name) => `{${name}}`).join(" ");
}
