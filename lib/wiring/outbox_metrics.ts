/** What the outbox of a detector and its courier count. */
import type { Health } from "../health/health.ts";
import { counter, gauge, histogram } from "../health/metric.ts";
import type { Courier } from "../outbox/courier.ts";
import type { Outbox } from "../outbox/outbox.ts";

export const OUTBOX_METRICS = {
  waiting: gauge("haarlem_outbox_faces", { help: "faces in the outbox", field: "waiting" }),
  inMemory: gauge("haarlem_outbox_memory_faces", {
    help: "faces of the outbox that are in memory only, because the disk cannot be written",
    field: "inMemory",
    omitsZero: true,
  }),
  bytes: gauge("haarlem_outbox_bytes", { help: "size of the faces in the outbox" }),
  oldest: gauge("haarlem_outbox_oldest_face_age_seconds", {
    help: "time since the capture of the oldest face in the outbox; 0 while it is empty",
  }),
  resent: counter("haarlem_faces_resent_total", {
    help: "times that a face was sent again because no receipt had arrived",
    field: "resent",
  }),
  corrected: counter("haarlem_faces_time_corrected_total", {
    help: "faces whose capture time was corrected after the clock was set",
    field: "corrected",
  }),
  evicted: gauge("haarlem_outbox_evicted_faces", {
    help: "faces evicted or rejected since the start, without those whose receipt came later",
    field: "evicted",
  }),
  evictions: counter("haarlem_outbox_evictions_total", {
    help: "faces that left the outbox without being reported as stored; the ledger lists them",
  }),
  receipts: counter("haarlem_receipts_total", {
    help: "receipts of faces that waited in the outbox",
    label: "result",
    values: ["stored", "refused"],
  }),
  delivery: histogram("haarlem_capture_to_receipt_seconds", {
    help: "time from the capture of a face to the receipt that it is stored",
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 172_800],
  }),
};

/** Adds the metrics, and returns those that the sink counts. */
export function addOutboxMetrics({ metrics }: Health, outbox: Outbox, courier: Courier) {
  return metrics.add(OUTBOX_METRICS, {
    waiting: () => outbox.size,
    inMemory: () => outbox.inMemory,
    bytes: () => outbox.load.bytes,
    oldest: () => outbox.load.oldestAgeMs / 1000,
    resent: () => courier.resent,
    evicted: () => outbox.evicted,
    evictions: () => outbox.evictions,
  });
}
