/** What forwarder and saver count of messages that they do not pass on. */
import { REJECTIONS } from "../errors.ts";
import { counter } from "../health/metric.ts";

export const MESSAGE_METRICS = {
  rejected: counter("haarlem_messages_rejected_total", {
    help: "messages that can never be stored, by reason",
    label: "reason",
    values: REJECTIONS,
    field: "refused",
  }),
  dropped: counter("haarlem_messages_dropped_total", {
    help:
      "messages that were dropped because too many waited or the broker was away; their senders send them again",
    field: "dropped",
  }),
};
