/** Times as people at the camera read them. */
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";

/** The local time of a zone of the IANA database; without one, that of this machine. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone?: string) {
    try {
      this.#format = new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hourCycle: "h23",
        ...{
          year: "numeric",
          month: "2-digit",
          day: "2-digit",
          hour: "2-digit",
          minute: "2-digit",
          second: "2-digit",
        },
      });
    } catch {
      throw new ConfigError(`no time zone ${quoted(zone ?? "")}`, "set --time-zone such as Europe/Amsterdam");
    }
  }

  /** `2026-11-26`. */
  date(ms: number): string {
    const { year, month, day } = this.#parts(ms);
    return `${year}-${month}-${day}`;
  }

  /** `14:03:11`. */
  time(ms: number): string {
    const { hour, minute, second } = this.#parts(ms);
    return `${hour}:${minute}:${second}`;
  }

  /** The minute of the day, 0 to 1439. */
  minute(ms: number): number {
    const { hour, minute } = this.#parts(ms);
    return Number(hour) * 60 + Number(minute);
  }

  #parts(ms: number): Record<Intl.DateTimeFormatPartTypes, string> {
    const parts = this.#format.formatToParts(ms).map(({ type, value }) => [type, value]);
    return Object.fromEntries(parts) as Record<Intl.DateTimeFormatPartTypes, string>;
  }
}
