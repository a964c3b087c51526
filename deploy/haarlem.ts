/** The multi-call executable: `haarlem detector …`, `haarlem saver …`. */
import { startOneOf } from "../lib/program/multi_call.ts";

// Each program is loaded only when it runs, which the bundle keeps. The type lists exactly the shipped programs.
await startOneOf({
  detector: async () => (await import("../workers/detector.ts")).detector,
  logger: async () => (await import("../workers/logger.ts")).logger,
  forwarder: async () => (await import("../workers/forwarder.ts")).forwarder,
  saver: async () => (await import("../workers/saver.ts")).saver,
  gallery: async () => (await import("../workers/gallery.ts")).gallery,
  doctor: async () => (await import("../workers/doctor.ts")).doctor,
  notifier: async () => (await import("../workers/notifier.ts")).notifier,
});
