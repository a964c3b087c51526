/** The status of a saver: `● saver  12 stored in s3://faces/door · put 9 ms · 0 rejected · last 14:03:11`. */
import type { Health } from "../health/health.ts";
import { lastPart, type Status } from "../terminal/status.ts";
import { MESSAGE_METRICS } from "./message_metrics.ts";
import { SAVING_METRICS } from "./saving.ts";
import { milliseconds, RecentDuration, waitPart, worstOf } from "./status_parts.ts";

/**
 * Returns the function that reads the status, for calls at intervals.
 * @param place the store as messages show it.
 */
export function saverStatus(
  place: string,
  health: Health,
  nowMs: () => number = () => performance.now(),
): () => Status {
  const put = new RecentDuration(health, SAVING_METRICS.put);
  const { metrics } = health;
  let lastPutMs: number | undefined;
  return () => {
    lastPutMs = put.read(nowMs()) ?? lastPutMs;
    const waiting = metrics.value(SAVING_METRICS.waiting) ?? 0;
    const stored = metrics.value(SAVING_METRICS.stored) ?? 0;
    const rejected = metrics.value(MESSAGE_METRICS.rejected) ?? 0;
    const trouble = [...waitPart(health, "store"), ...waitPart(health, "broker")];
    return {
      name: "saver",
      state: worstOf(trouble),
      parts: [
        ...trouble,
        { text: `${stored.toLocaleString("en")} stored in ${place}` },
        ...waiting > 0 ? [{ text: `${waiting.toLocaleString("en")} waiting` }] : [],
        ...lastPutMs === undefined ? [] : [{ text: `put ${milliseconds(lastPutMs)}`, omit: 2 }],
        { text: `${rejected.toLocaleString("en")} rejected`, state: rejected > 0 ? "warning" : undefined },
        ...trouble.length > 0 ? [] : lastPart(metrics.addedMs(SAVING_METRICS.stored)),
      ],
    };
  };
}
