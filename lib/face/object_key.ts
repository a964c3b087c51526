/** Keys of stored faces, made from a template and the face itself, never from the saver's clock. */
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { FaceFile } from "./face.ts";
import { isPlausible } from "./plausible_time.ts";
import { isSystemName } from "./system_names.ts";

/** The default: sorted by time in folders of UTC days, free of collisions, and the same for each delivery of a face. */
export const DEFAULT_KEY = "{YYYY}-{MM}-{DD}/{HH}-{mm}-{ss}-{SSS}_{camera}_{hash}.{ext}";
const EXAMPLE = `set --key such as ${DEFAULT_KEY}`;

/** Keys of faces with an implausible time, below the constant folders of the template. They sort by number. */
const UNDATED_KEY = "undated/{camera}_{epoch}_{sequence}_{hash}.{ext}";

/** Stands for a field that a third-party picture does not have. Earlier versions wrote `stranger`. */
const UNKNOWN = "unknown";
const FIELD = /\{([^}]*)\}/g;

const FIELDS: Record<string, (face: FaceFile, captured: string) => string> = {
  YYYY: (_, captured) => captured.slice(0, 4),
  MM: (_, captured) => captured.slice(5, 7),
  DD: (_, captured) => captured.slice(8, 10),
  HH: (_, captured) => captured.slice(11, 13),
  mm: (_, captured) => captured.slice(14, 16),
  ss: (_, captured) => captured.slice(17, 19),
  SSS: (_, captured) => captured.slice(20, 23),
  camera: ({ metadata }) => metadata?.camera ?? UNKNOWN,
  device: ({ metadata }) => metadata?.device.replace(/[^\w-]/g, "_") ?? UNKNOWN,
  epoch: ({ metadata }) => metadata?.epoch.replace(/[^\w-]/g, "_") ?? UNKNOWN,
  sequence: ({ metadata }) => String(metadata?.sequence ?? 0).padStart(8, "0"),
  hash: ({ id }) => id.slice(0, 12),
  sha256: ({ id }) => id,
  ext: ({ contentType }) => contentType === "image/png" ? "png" : "jpg",
};

/** A checked template for object keys. */
export class KeyTemplate {
  /** Whether different faces always have different keys, so that a put needs no check for an existing object. */
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
        `${quoted(template)} is not an object key: unbalanced brace`,
        EXAMPLE,
      );
    }
    if (template.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new ConfigError(
        `${
          quoted(template)
        } is not an object key: it is empty, starts or ends with "/", or contains "//", "." or ".."`,
        EXAMPLE,
      );
    }
    const system = template.replace(FIELD, "x").split("/").find(isSystemName);
    if (system !== undefined) {
      throw new ConfigError(
        `"${template}" is not an object key: "${system}" is a name of operating systems, which the gallery skips`,
        EXAMPLE,
      );
    }
    this.unique = template.includes("{hash}") || template.includes("{sha256}");
  }

  /**
   * The key of a face. `arrivedMs` replaces the capture time of a third-party picture. A face with an implausible time
   * gets a key without a time: with a date of 1970 it would never be seen, with one of next year it would be the newest
   * face for a year.
   */
  keyOf(face: FaceFile, arrivedMs: number): string {
    const captured = new Date(face.metadata?.captured ?? arrivedMs).toISOString();
    const template = isPlausible(captured, { nowMs: arrivedMs })
      ? this.template
      : folderOf(this.template) + UNDATED_KEY;
    return template.replace(FIELD, (_, name) => FIELDS[name](face, captured));
  }
}

/** The constant folders of a template: `faces/` of `faces/{camera}/{hash}.{ext}`, none of the default. */
function folderOf(template: string): string {
  const [constant] = template.split("{", 1);
  return constant.slice(0, constant.lastIndexOf("/") + 1);
}

/** The key of the `attempt`th face with one key: `_2`, `_3`, … before the file's extension. */
export function numbered(key: string, attempt: number): string {
  return attempt === 1 ? key : key.replace(/(\.\w+)?$/, `_${attempt}$1`);
}

/** All field names as they are written in a template. */
export function fieldNames(): string {
  return Object.keys(FIELDS).map((name) => `{${name}}`).join(" ");
}
