/** The cameras as their detectors report them: retained states and statuses of a broker, judged in words. */
import { type DetectorState, parseState } from "../face/detector_state.ts";
import { senderOf } from "../face/topics.ts";

/** Maximum number of cameras; further ones are reported once, and not shown. */
const MAX_CAMERAS = 1_000;
/** A detector is silent when its next message is late by this factor, and by this much more. */
const LATE_FACTOR = 2;
const LATE_MS = 15_000;
/** A frame older than this is trouble although the detector reports none. */
const OLD_FRAME_MS = 60_000;
/** Faces that wait longer than this are a warning. */
const OLD_FACE_MS = 10 * 60_000;

/** A camera on the page. Times are milliseconds since 1970. */
export interface ShownCamera {
  readonly name: string;
  readonly device: string;
  readonly state: "good" | "warning" | "trouble" | "unknown";
  /** Why it is not good. */
  readonly reason: string | null;
  readonly framesPerSecond: number | null;
  readonly lastFrame: number | null;
  readonly waiting: number;
  readonly oldestWaiting: number | null;
  readonly clock: DetectorState["clock"];
  readonly version: string;
  /** When its last message was sent. */
  readonly seen: number;
}

/** What is known about one detector. */
interface Known {
  readonly device: string;
  state?: DetectorState;
  /** When the state was sent, by our clock where it arrived while we listened. */
  seenMs: number;
  /** Whether `seenMs` is by the board's clock. */
  isByBoard: boolean;
  isOffline: boolean;
}

/** The cameras of a broker. */
export class Cameras {
  readonly #known = new Map<string, Known>();

  #hasReported = false;

  /**
   * @param utcMs the time since 1970 in milliseconds.
   * @param onTooMany called once when there are more than `max` cameras.
   */
  constructor(
    private readonly utcMs: () => number = Date.now,
    private readonly onTooMany?: (max: number) => void,
  ) {}

  /** Takes a message of a topic of a state or a status. Returns whether it changed what is shown. */
  receive(topic: string, payload: Uint8Array, { isRetained }: { isRetained: boolean }): boolean {
    const sender = senderOf(topic);
    if (!sender) return false;
    const id = `${sender.device}/${sender.worker}`;
    if (topic.endsWith("/status")) return this.#receiveStatus(id, payload);
    // An empty retained message removes a retained one: its camera is no more.
    if (payload.length === 0) return this.#known.delete(id);
    const state = parseState(payload);
    if (!state || !this.#hasPlaceFor(id)) return false;
    const [before, nowMs] = [this.#known.get(id), this.utcMs()];
    // After a connection was lost, the broker repeats what it retained.
    if (isRetained && before?.state?.time === state.time) return false;
    const seenMs = isRetained ? Math.min(Date.parse(state.time), nowMs) : nowMs;
    const isOffline = isRetained && (before?.isOffline ?? false);
    this.#known.set(id, { device: sender.device, state, seenMs, isByBoard: isRetained, isOffline });
    return true;
  }

  /** The cameras of this moment: trouble first, then by name. */
  list(): ShownCamera[] {
    const rank = { trouble: 0, warning: 1, unknown: 2, good: 3 };
    const nowMs = this.utcMs();
    return Array.from(this.#known.values())
      .flatMap((known) => known.state ? [shown(known, known.state, nowMs)] : [])
      .sort((a, b) =>
        rank[a.state] - rank[b.state] || compare(a.name, b.name) || compare(a.device, b.device)
      );
  }

  #hasPlaceFor(id: string): boolean {
    if (this.#known.has(id) || this.#known.size < MAX_CAMERAS) return true;
    if (!this.#hasReported) this.onTooMany?.(MAX_CAMERAS);
    this.#hasReported = true;
    return false;
  }

  /** A status belongs to a detector that has a state; those of other programs are ignored. */
  #receiveStatus(id: string, payload: Uint8Array): boolean {
    const known = this.#known.get(id);
    const isOffline = payload.length < 16 && new TextDecoder().decode(payload) === "offline";
    if (!known) {
      // It may arrive before the state.
      if (!isOffline || !/\/detector-/.test(id) || !this.#hasPlaceFor(id)) return false;
      const device = id.split("/")[0];
      this.#known.set(id, { device, seenMs: 0, isByBoard: true, isOffline });
      return false;
    }
    if (known.isOffline === isOffline) return false;
    known.isOffline = isOffline;
    return known.state !== undefined;
  }
}

function shown(known: Known, state: DetectorState, nowMs: number): ShownCamera {
  const { device, seenMs } = known;
  const ago = (seconds: number | undefined) =>
    seconds === undefined ? null : Math.round(seenMs - seconds * 1000);
  const lastFrame = ago(state.frameAgeSeconds);
  const waiting = state.waiting ?? 0;
  const oldestWaiting = waiting === 0 ? null : ago(state.oldestWaitingSeconds);
  return {
    name: state.camera,
    device,
    ...judged(known, state, { nowMs, lastFrame, waiting, oldestWaiting }),
    framesPerSecond: state.framesPerSecond ?? null,
    lastFrame,
    waiting,
    oldestWaiting,
    clock: state.clock,
    version: state.version,
    seen: seenMs,
  };
}

/** The state of a camera in one word, with the reason. */
function judged(
  { seenMs, isByBoard, isOffline }: Known,
  state: DetectorState,
  { nowMs, lastFrame, waiting, oldestWaiting }: {
    nowMs: number;
    lastFrame: number | null;
    waiting: number;
    oldestWaiting: number | null;
  },
): Pick<ShownCamera, "state" | "reason"> {
  if (isOffline) {
    return { state: "trouble", reason: "the detector is stopped, or not connected to its broker" };
  }
  const silentMs = nowMs - seenMs;
  if (silentMs > LATE_FACTOR * state.nextSeconds * 1000 + LATE_MS) {
    // The time of a board whose clock is not set says nothing.
    return isByBoard && state.clock !== "yes"
      ? { state: "unknown", reason: "no new message yet" }
      : { state: "trouble", reason: `no message for ${inWords(silentMs)}` };
  }
  const { status, why = "no reason given" } = state;
  if (status === "stuck") return { state: "trouble", reason: `the detector hangs: ${why}` };
  // Its job is the camera; the disk of its outbox, for example, is less.
  if (status === "waiting") return { state: /^camera\b/.test(why) ? "trouble" : "warning", reason: why };
  if (lastFrame === null) return { state: "unknown", reason: "no frame yet" };
  if (nowMs - lastFrame > OLD_FRAME_MS + silentMs) {
    return { state: "trouble", reason: `no frame for ${inWords(nowMs - lastFrame)}` };
  }
  if (oldestWaiting !== null && nowMs - oldestWaiting > OLD_FACE_MS) {
    const faces = waiting === 1 ? "1 face waits" : `${waiting} faces wait, the oldest`;
    return { state: "warning", reason: `${faces} for ${inWords(nowMs - oldestWaiting)}` };
  }
  if (state.clock === "no") return { state: "warning", reason: "the clock of the board is not synchronised" };
  return { state: "good", reason: null };
}

/** `40 s`, `4 min`, `2 h`, `3 days` */
function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
