/** What a forwarder counts, and its status: `● forwarder  12 faces to cloud · 12 receipts back · 0 in flight`. */
import type { Health } from "../health/health.ts";
import { counter, gauge } from "../health/metric.ts";
import { counted, lastPart, type Status } from "../terminal/status.ts";
import { MESSAGE_METRICS } from "./message_metrics.ts";
import { waitPart, worstOf } from "./status_parts.ts";

export const FORWARDER_METRICS = {
  forwarded: counter("haarlem_messages_forwarded_total", {
    help: "messages passed on: faces and states to the cloud, receipts to the board",
    label: "kind",
    values: ["faces", "receipts", "states"],
    field: { faces: "faces", receipts: "receipts" },
  }),
  inFlight: gauge("haarlem_messages_in_flight", { help: "messages on their way to the other broker" }),
};

/** Returns the function that reads the status. A broker that is away is a fault; the detector keeps the faces. */
export function forwarderStatus(health: Health): () => Status {
  const { metrics } = health;
  return () => {
    const faults = [...waitPart(health, "edge broker"), ...waitPart(health, "cloud broker")];
    const faces = metrics.value(FORWARDER_METRICS.forwarded, "faces") ?? 0;
    const receipts = metrics.value(FORWARDER_METRICS.forwarded, "receipts") ?? 0;
    const rejected = metrics.value(MESSAGE_METRICS.rejected) ?? 0;
    const last = metrics.addedMs(FORWARDER_METRICS.forwarded);
    return {
      name: "forwarder",
      state: worstOf(faults),
      parts: [
        ...faults,
        { text: `${counted(faces, "face")} to cloud` },
        { text: `${counted(receipts, "receipt")} back` },
        { text: `${metrics.value(FORWARDER_METRICS.inFlight) ?? 0} in flight`, omit: 2 },
        ...rejected > 0
          ? [{ text: `${rejected.toLocaleString("en")} rejected`, state: "warning" } as const]
          : [],
        ...faults.length > 0 ? [] : lastPart(last),
      ],
    };
  };
}
