/** The state of a detector: a retained message with its health. The gallery makes its camera list from these messages. */
import { printable } from "../printable.ts";
import { fields, number, numbers, oneOf, optional, type Reader, text, time } from "./known_fields.ts";

/** A larger message is no state. A detector writes less than 1 KiB. */
export const MAX_STATE_BYTES = 16 * 1024;
/** Maximum length of a reason; the rest is cut. */
const MAX_REASON = 300;
const MAX_COUNTERS = 64;
/** 100 years. */
const MAX_SECONDS = 3_155_760_000;

/**
 * What a detector reports. Ages are in seconds at `time`, so that they hold whatever the board's clock shows; a field is
 * absent where there is nothing to report.
 */
export interface DetectorState {
  readonly time: string;
  readonly version: string;
  readonly camera: string;
  /** `waiting`: alive, and does not do its job for the reason `why`. `stuck`: only a restart helps. */
  readonly status: "ok" | "waiting" | "stuck";
  readonly why?: string;
  readonly uptimeSeconds: number;
  /** Frames of the camera in each second since the last message, without skipped ones. */
  readonly framesPerSecond?: number;
  /** Age of the last frame that was searched. */
  readonly frameAgeSeconds?: number;
  /** Faces in the outbox, and the age of the oldest. */
  readonly waiting?: number;
  readonly oldestWaitingSeconds?: number;
  /** Whether the board's clock is synchronised. */
  readonly clock: "yes" | "no" | "unknown";
  /** The next message comes at most this much later. */
  readonly nextSeconds: number;
  /** The counters of `/healthz`. */
  readonly done?: Readonly<Record<string, number>>;
}

const seconds = number({ min: 0, max: MAX_SECONDS });
const reason: Reader<string> = (value) =>
  typeof value === "string" ? printable(value, { max: MAX_REASON }) : undefined;

const state = fields<DetectorState>({
  time,
  version: text(/^[\w.+-]{1,64}$/),
  camera: text(/^[\w-]{1,64}$/),
  status: oneOf("ok", "waiting", "stuck"),
  why: optional(reason),
  uptimeSeconds: seconds,
  framesPerSecond: optional(number({ min: 0, max: 100_000 })),
  frameAgeSeconds: optional(seconds),
  waiting: optional(number({ min: 0, max: 1e9 })),
  oldestWaitingSeconds: optional(seconds),
  clock: oneOf("yes", "no", "unknown"),
  nextSeconds: number({ min: 1, max: 86_400 }),
  done: optional(numbers({ max: MAX_COUNTERS })),
});

/** The payload of a state message. */
export function formatState(value: DetectorState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Reads a state message; undefined for anything else, since any client may publish on a topic. */
export function parseState(payload: Uint8Array): DetectorState | undefined {
  if (payload.length > MAX_STATE_BYTES) return undefined;
  try {
    return state(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)));
  } catch {
    return undefined;
  }
}
