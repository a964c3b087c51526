/** What a notifier counts. */
import { counter, gauge } from "../health/metric.ts";

export const NOTICE_METRICS = {
  sent: counter("haarlem_notifications_sent_total", {
    help: "notifications that a service took",
    label: "event",
    values: ["visit", "update", "summary"],
    field: { visit: "visits", update: "updates", summary: "summaries" },
  }),
  rejected: counter("haarlem_notifications_rejected_total", {
    help: "attempts that a service rejected: a picture is then left out, and after that the message dropped",
    field: "rejected",
  }),
  missed: counter("haarlem_notifier_missed_messages_total", {
    help:
      "faces and receipts that were dropped because too many waited: their visits may be missing from the notifications",
    field: "missed",
    omitsZero: true,
  }),
  waiting: gauge("haarlem_notifications_waiting", {
    help: "visits that wait to be sent, counted once for each service",
    field: "waiting",
  }),
  unstored: gauge("haarlem_notifier_unstored_faces", {
    help: "faces that arrived and have no receipt so far",
    field: "unstored",
  }),
};
