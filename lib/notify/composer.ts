/** Writes notifications, by the templates of the settings. */
import { ConfigError } from "../errors.ts";
import { quoted } from "../safe_address.ts";
import type { LocalTime } from "./local_time.ts";
import type { NoticedFace } from "./noticed_face.ts";
import type { FaceFacts, Notification, SummaryFacts } from "./notification.ts";

const FIELD = /\{([^{}]*)\}/g;
const UNKNOWN = "unknown";

const FIELDS: Readonly<Record<string, (facts: FaceFacts, time: LocalTime) => string>> = {
  camera: ({ camera }) => camera,
  device: ({ device }) => device ?? UNKNOWN,
  time: ({ captured }, time) => time.time(Date.parse(captured)),
  date: ({ captured }, time) => time.date(Date.parse(captured)),
  visit: ({ visit }) => String(visit ?? UNKNOWN),
  detections: ({ detections }) => String(detections ?? UNKNOWN),
  score: ({ score }) => score === undefined ? UNKNOWN : score.toFixed(2),
  id: ({ id }) => id,
  key: ({ key }) => key ?? "",
};

/** All field names as they are written in a template. */
export function noticeFields(): string {
  return Object.keys(FIELDS).map((name) => `{${name}}`).join(" ");
}

/** What the templates are of. */
export interface NoticeTemplates {
  readonly title: string;
  readonly text: string;
  readonly link?: string;
}

/** Fills the templates. Throws a ConfigError for a template with an unknown field. */
export class Composer {
  constructor(private readonly templates: NoticeTemplates, private readonly time: LocalTime) {
    for (const [name, template] of Object.entries(templates)) {
      const unknown = [...String(template ?? "").matchAll(FIELD)].find(([, field]) =>
        !Object.hasOwn(FIELDS, field)
      );
      if (unknown) {
        throw new ConfigError(
          `no field ${quoted(unknown[0])} in --notice-${name}`,
          `use one of ${noticeFields()}`,
        );
      }
    }
  }

  /** A visit, or an update of one. */
  ofFace(
    { facts, visitKey, picture }: NoticedFace,
    more: Pick<Notification, "event" | "reference">,
  ): Notification {
    const { title, text, link } = this.templates;
    const untrusted = facts.isTimeTrusted ? "" : " (the camera's clock is not set)";
    return {
      ...more,
      key: visitKey,
      title: this.#filled(title, facts),
      text: this.#filled(text, facts) + untrusted,
      ...(link && { link: this.#filled(link, facts, encodeURIComponent) }),
      face: facts,
      ...(picture && { picture }),
    };
  }

  /** Visits that one message covers. */
  ofSummary(summary: SummaryFacts): Notification {
    const { visits, from, to, cameras } = summary;
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    const day = this.time.date(fromMs);
    const end = day === this.time.date(toMs)
      ? this.time.time(toMs)
      : `${this.time.date(toMs)} ${this.time.time(toMs)}`;
    const span = fromMs === toMs
      ? `at ${day} ${this.time.time(fromMs)}`
      : `from ${day} ${this.time.time(fromMs)} to ${end}`;
    const counts = Object.entries(cameras).map(([camera, count]) => `${camera} ${count}`);
    const title = `${visits} ${visits === 1 ? "visit" : "visits"}`;
    // A key of its own: a summary replaces no other one.
    const key = `summary-${fromMs}-${toMs}-${visits}`;
    return { event: "summary", key, title, text: `${span}: ${counts.join(", ")}`, summary };
  }

  #filled(template: string, facts: FaceFacts, encoded = (value: string) => value): string {
    return template.replace(FIELD, (_, name) => encoded(FIELDS[name](facts, this.time)));
  }
}
