/** The answer of the double for `/api/days`: days with faces. */
import type { Visit } from "../../lib/gallery/page/api.js";

/** The newest days before a time, in a time zone. Visits are newest first. */
export function daysOf(visits: readonly Visit[], params: URLSearchParams) {
  const before = Number(params.get("before"));
  const zone = params.get("zone") ?? "UTC";
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" });
  const days = new Map<number, { from: number; to: number; faces: number }>();
  let day = { from: Infinity, to: -Infinity, faces: 0 };
  for (const { ms, count } of visits) {
    if (ms >= before) continue;
    if (ms < day.from) {
      const from = startOf(format.format(ms), zone);
      day = { from, to: from + 24 * 3_600_000, faces: 0 };
      days.set(from, day);
    }
    day.faces += count;
  }
  const limit = Number(params.get("limit"));
  return { days: [...days.values()].slice(0, limit), more: days.size > limit };
}

/** The start of a day in a time zone. */
function startOf(day: string, zone: string): number {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const local = new Date(noon).toLocaleString("sv-SE", { timeZone: zone });
  return noon - (Date.parse(`${local.replace(" ", "T")}Z`) - Date.parse(`${day}T00:00:00Z`));
}
