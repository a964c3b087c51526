/** The state of the demo as it is shown: what the brokers and the programs report, as a panel or as lines. */
import { RejectedMessageError } from "../errors.ts";
import { readFace } from "../face/face_file.ts";
import type { FaceFile } from "../face/face.ts";
import { parseReceipts } from "../face/receipt.ts";
import { isPng } from "../image/png.ts";
import type { CameraWatch } from "./camera_watch.ts";
import { CloudCut } from "./cloud_cut.ts";
import type { CutListener } from "./cut_listener.ts";
import { Deliveries } from "./deliveries.ts";
import type { Display } from "./display.ts";
import { durationText, faces, type PanelView } from "./panel.ts";

/** A warning leaves the panel after this time. */
const WARNING_MS = 15_000;
/** A face that waits longer is shown as waiting. */
const LATE_MS = 1_000;

/** The way to the cloud. */
type Link = Pick<CutListener, "isCut" | "isConnected" | "cut" | "mend">;

/** What is shown, and where. */
interface ShowOptions {
  readonly display: Display;
  readonly cameras: readonly CameraWatch[];
  /** Whether the demo cuts the way to the cloud once by itself. */
  readonly cutsByItself: boolean;
  /** The keys, as the panel names them; empty without a keyboard. */
  readonly keys: string;
  /** A monotonic time in milliseconds. Tests replace it. */
  readonly nowMs?: () => number;
}

/** Collects what happens, and shows it. */
export class Show {
  readonly deliveries: Deliveries;
  readonly cut: CloudCut;
  #gallery: string | undefined;
  readonly #aimingPages = new Map<string, string>();
  footer: string;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #wasConnected = false;
  /** Faces that waited when the link was mended, until they are stored. */
  #late = 0;
  #wasCut = false;
  #warning: { readonly program: string; readonly text: string; readonly ms: number } | undefined;

  constructor(private readonly link: Link, private readonly options: ShowOptions) {
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#startMs = this.#nowMs();
    this.footer = options.keys;
    this.deliveries = new Deliveries(this.#nowMs);
    this.cut = new CloudCut(link, {
      byItself: options.cutsByItself,
      firstStoredMs: () => this.deliveries.firstStoredMs,
      onChange: (change) => this.#onCut(change),
      nowMs: this.#nowMs,
    });
  }

  /** Takes a message of the board's broker: a face, or receipts. */
  readonly onMessage = (topic: string, payload: Uint8Array<ArrayBuffer>): void => {
    if (topic.endsWith("/receipt")) {
      for (const receipt of parseReceipts(payload)) this.deliveries.received(receipt);
      this.#reportLate();
    } else if (isPng(payload)) {
      this.#onPicture(payload);
    }
  };

  /** Takes a warning of a program. */
  warn(program: string, text: string): void {
    const named = text.startsWith(`${program}: `) ? text : `${program}: ${text}`;
    this.#warning = { program, text: named, ms: this.#nowMs() };
    this.options.display.event(named);
  }

  /** A program is connected to its broker again: its last warning is over. */
  recovered(program: string): void {
    if (this.#warning?.program === program) this.#warning = undefined;
  }

  /** The gallery is served. */
  galleryOpened(url: string): void {
    this.#gallery = url;
    this.options.display.event(`gallery: ${url}`);
  }

  /** The aiming page of a camera is served. */
  aimingPageOpened(camera: string, url: string): void {
    this.#aimingPages.set(camera, url);
    this.options.display.event(`aiming page of ${camera}: ${url}`);
  }

  /** Does what is due, and draws the panel. */
  tick(): void {
    this.cut.tick();
    this.#wasConnected ||= this.link.isConnected;
    this.options.display.draw(this.view());
  }

  view(): PanelView {
    const { deliveries, cut } = this;
    const isAlone = this.options.cameras.length === 1;
    const isWarningShown = this.#warning && this.#nowMs() < this.#warning.ms + WARNING_MS;
    return {
      elapsedMs: this.#nowMs() - this.#startMs,
      cameras: this.options.cameras.map(({ name, framesPerSecond, problem }) => ({
        name,
        framesPerSecond,
        problem,
        waiting: deliveries.waiting(isAlone ? undefined : name),
      })),
      cloud: { state: this.#cloudState(), seconds: cut.secondsLeft },
      detected: deliveries.detected,
      stored: deliveries.stored,
      waiting: deliveries.waiting(),
      isLate: deliveries.longestWaitMs > LATE_MS,
      p50Ms: deliveries.percentileMs(0.5),
      p95Ms: deliveries.percentileMs(0.95),
      lastMinute: deliveries.lastMinute(),
      gallery: this.#gallery,
      aimingPages: this.options.cameras.flatMap(({ name: camera }) => {
        const url = this.#aimingPages.get(camera);
        return url === undefined ? [] : [{ camera, url }];
      }),
      warning: this.options.cameras.find(({ problem }) => problem)?.problem ??
        (isWarningShown ? this.#warning?.text : undefined),
      footer: this.footer,
    };
  }

  /** The last lines: what became of the faces. */
  summary(store: string): string[] {
    const { detected, stored, rejected, storedBytes, longestMs } = this.deliveries;
    const waiting = this.deliveries.waiting();
    const counts = [
      `${faces(detected)} detected`,
      `${stored} stored`,
      ...rejected > 0 ? [`${rejected} rejected`] : [],
      waiting > 0 ? `${waiting} still waiting and removed with the demo's outbox` : "0 lost",
    ].join(", ");
    const [p50, p95] = [this.deliveries.percentileMs(0.5), this.deliveries.percentileMs(0.95)];
    const times = p50 === undefined || p95 === undefined ? "" : [
      ` p50 ${durationText(p50)}`,
      `p95 ${durationText(p95)}`,
      `longest wait ${durationText(longestMs)}${this.#wasCut ? " (cloud cut)" : ""}.`,
    ].join(", ");
    return [
      `${counts}.${times}`,
      `folder ${store}, ${stored} new files, ${(storedBytes / 1e6).toFixed(1)} MB`,
    ];
  }

  #onPicture(payload: Uint8Array<ArrayBuffer>): void {
    try {
      this.#onFace(readFace(payload));
    } catch (error) {
      // Anybody can publish; the saver rejects it, and a detector sends its face again.
      if (!(error instanceof RejectedMessageError)) throw error;
      this.warn("demo", error.message);
    }
  }

  #onFace({ id, width, height, bytes, metadata }: FaceFile): void {
    const { camera = "unknown", captured, visit } = metadata ?? {};
    if (!this.deliveries.published({ id, camera, bytes: bytes.length })) return;
    const number = String(this.deliveries.detected).padStart(4);
    const size = `${width}x${height}`.padEnd(9);
    const of = visit ? `  visit ${visit.number}, ${visit.why}` : "";
    const bytesText = `${(bytes.length / 1024).toFixed(0)} KiB`;
    this.options.display.event(`face ${number}  ${captured ?? ""}  ${camera}  ${size} ${bytesText}${of}`);
  }

  #onCut({ isCut, seconds }: { isCut: boolean; seconds?: number }): void {
    const { event } = this.options.display;
    this.#wasCut ||= isCut;
    this.#late = isCut ? 0 : this.deliveries.waiting();
    if (isCut) {
      event(`cloud cut${seconds === undefined ? "" : ` for ${seconds} s`}: faces wait in their outbox`);
    } else event(`cloud back: ${faces(this.#late)} waiting`);
  }

  #reportLate(): void {
    if (this.#late === 0 || this.deliveries.waiting() > 0) return;
    this.options.display.event(`cloud back: all faces that waited are stored, none is lost`);
    this.#late = 0;
  }

  #cloudState(): PanelView["cloud"]["state"] {
    if (this.link.isCut) return "cut";
    if (this.link.isConnected) return "up";
    return this.#wasConnected ? "mended" : "starting";
  }
}
