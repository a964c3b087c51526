/** The aiming page of a detector (`--preview`); loaded only where it is asked for. */
import { delay } from "../async/delay.ts";
import type { FaceSelector, Settled } from "../detection/face_selection.ts";
import { OUTCOME_NAMES } from "../detection/outcome_words.ts";
import { type Outcome, OUTCOMES } from "../detection/outcome.ts";
import { messageOf } from "../errors.ts";
import type { Component, Health } from "../health/health.ts";
import { type Listening, listenOn } from "../http_listen.ts";
import { crop, withMargin } from "../image/crop.ts";
import { type Frame, type Size, wholeSize } from "../image/frame.ts";
import type { Log } from "../log.ts";
import { FrameRate } from "../preview/frame_rate.ts";
import { LivePictures } from "../preview/live_pictures.ts";
import { readPreviewFiles } from "../preview/page_files.ts";
import { PictureEncoder, sharedCopy } from "../preview/picture_encoder.ts";
import { respondTo } from "../preview/routes.ts";
import { UnsentFaces } from "../preview/unsent_faces.ts";
import type { Values } from "../settings/declare.ts";
import { plain } from "../web/responses.ts";
import type { DETECTION_SETTINGS } from "./detection.ts";
import { type ExplainedBox, Explainer } from "./explainer.ts";
import { MissedBoxes } from "./missed_boxes.ts";
import { DETECTION_METRIC } from "./outcome_metrics.ts";
import { openRenewals, type RenewedCertificate } from "./renewed_certificate.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import { announcePage, openPageAccess } from "./page_access.ts";
import { type PREVIEW_SETTINGS, readPreviewCertificate } from "./preview_settings.ts";
import type { SearchMetrics, SelectableFrame } from "./search.ts";
import { inFrame, inWhole, resultInWhole } from "./whole_boxes.ts";
import { type SELECTION_SETTINGS, visitSettings } from "./selection.ts";

/** The settings that the page reads. */
export type PreviewSettings =
  & Values<typeof PREVIEW_SETTINGS & typeof DETECTION_SETTINGS & typeof SELECTION_SETTINGS>
  & {
    readonly camera: string;
  };

/** A browser's session ends this long after its login. */
const SESSION_DAYS = 30;
/** Interval of the checks whether the certificate was renewed. */
const RENEWAL_CHECK_MS = 5_000;
/** Margin around an unsent face, as a share of its size. */
const MARGIN = 0.4;
/** Outcomes of whole visits: `settled` adds them to the list of unsent faces. */
const OF_VISITS = new Set<string | undefined>(["unconfirmed", "no_eyes", "worse", undefined]);

/** What the page needs of the detector. */
export interface PreviewContext {
  readonly metrics: SearchMetrics;
  readonly camera: Component;
  readonly health: Health;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Tests replace it. */
  readonly delay?: typeof delay;
}

/** The page, and the pictures that it shows. While nobody looks, a frame costs one comparison. */
export class AimingPage implements AsyncDisposable {
  readonly #rate = new FrameRate();
  readonly #unsent = new UnsentFaces();
  readonly #encoder = new PictureEncoder();
  /** Present while something is searched. */
  #explainer?: Explainer;
  #missed?: MissedBoxes;
  readonly #pictures: LivePictures;
  readonly #server: Listening;
  readonly #closed = new AbortController();
  readonly #sinceMs = Date.now();
  #isIdle = true;
  #settings: PreviewSettings;
  #smallest: Size = { width: 0, height: 0 };

  constructor(settings: PreviewSettings, private readonly context: PreviewContext) {
    const { log, signal } = context;
    const { preview, token, camera } = settings;
    this.#settings = settings;
    this.#pictures = new LivePictures({
      onFailure: (error) => log.debug("no picture was made", { reason: String(error) }),
    });
    const tls = readPreviewCertificate(settings);
    const { previewTlsCert: certFile, previewTlsKey: keyFile } = settings;
    const renewals = openRenewals({ certFile, keyFile, read: () => readPreviewCertificate(settings), log });
    const parts = {
      access: openPageAccess({ token }, { sessionDays: SESSION_DAYS, log }),
      files: readPreviewFiles(),
      pictures: this.#pictures,
      unsent: this.#unsent,
      facts: () => this.#facts(),
      signal,
    };
    this.#server = listenOn(preview!, (request, from) => respondTo(request, from, parts), {
      flag: "--preview",
      tls,
      onError: (error) => {
        log.error(`cannot respond: ${error instanceof Error ? error.stack : error}`);
        return plain("internal error; see the log", 500);
      },
    });
    announcePage(this.#server.url, preview!, { name: `aiming page of ${camera}`, log, cert: tls?.cert });
    if (renewals) void this.#followRenewals(renewals);
  }

  /** The URL of the page. */
  get url(): string {
    return this.#server.url;
  }

  /** Whether somebody looks at the page. */
  get isWatched(): boolean {
    return this.#pictures.isWatched;
  }

  /** A search begins, with these settings. @param smallest the smallest face that it searches for */
  begin(settings: PreviewSettings, smallest: Size): void {
    const { metrics: { detections }, log } = this.context;
    void this.#explainer?.[Symbol.asyncDispose]();
    this.#settings = settings;
    this.#smallest = smallest;
    this.#explainer = new Explainer(settings, { smallest, detections, log });
    this.#missed = new MissedBoxes(this.#explainer, (frame, boxes) => this.#keepUnsent(frame, boxes));
  }

  /** Takes a frame after the selector took it. What is needed of the frame is copied before the call returns. */
  update(result: SelectableFrame, selector: FaceSelector): void {
    if (!this.#pictures.isWatched) return this.#rest();
    this.#isIdle = false;
    this.#rate.add(performance.now(), result.searchMs);
    const [explainer, missed] = [this.#explainer, this.#missed];
    if (!explainer || !missed || !this.#pictures.isDue) return;
    // What the page shows is in pixels of the camera's picture, of which the frame may be a smaller copy.
    const frame = { ...sharedCopy(result.frame), whole: result.frame.whole };
    const shown = resultInWhole(result);
    const reported = explainer.reported(shown, selector.standings());
    this.#keepUnsent(frame, reported);
    void this.#pictures.make(async () => {
      const [jpeg, others] = await Promise.all([this.#encoder.encode(frame), missed.of(frame, shown)]);
      return { frame: wholeSize(frame), boxes: [...others, ...reported], regions: shown.area, jpeg };
    });
  }

  /** Takes detections whose outcome is certain. */
  settled({ outcome, detections, face, visit }: Settled): void {
    if (!face || (outcome !== "unconfirmed" && outcome !== "no_eyes")) return;
    const { confirmHits, confirmFrames } = visitSettings(this.#settings);
    const count = detections === 1 ? "1 detection" : `${detections} detections`;
    const seconds = visit ? (visit.last.sourceTimeMs - visit.first.sourceTimeMs) / 1000 : 0;
    const words = outcome === "no_eyes"
      ? { text: "no eyes", detail: `--eyes on, ${count} in ${seconds.toFixed(1)} s` }
      : { text: `not confirmed: ${count}`, detail: `needs ${confirmHits} in ${confirmFrames} frames` };
    const atMs = visit?.last.item.capturedMs ?? face.capturedMs;
    const { picture } = face;
    const box = inWhole(face.box, face);
    this.#unsent.add({ reason: outcome, ...words, firstMs: atMs, lastMs: atMs, box }, () => picture);
  }

  #keepUnsent(frame: Frame, boxes: readonly ExplainedBox[]): void {
    for (const { x, y, width, height, text, reason } of boxes) {
      if (OF_VISITS.has(reason)) continue;
      const box = { x, y, width, height };
      const atMs = frame.capturedMs;
      this.#unsent.add(
        { reason: reason!, text, detail: `at ${x},${y}`, firstMs: atMs, lastMs: atMs, box },
        () => crop(frame, withMargin(inFrame(box, frame), MARGIN, frame)),
      );
    }
  }

  #facts(): Readonly<Record<string, unknown>> {
    const { camera, health: { metrics } } = this.context;
    const { ignore, minSize, camera: name } = this.#settings;
    const nowMs = performance.now();
    return {
      camera: name,
      trouble: camera.notReady ?? null,
      framesPerSecond: this.#rate.perSecond(nowMs) ?? null,
      searchMs: this.#rate.searchMs(nowMs) ?? null,
      frameAgeSeconds: camera.ageSeconds ?? null,
      waiting: metrics.value(OUTBOX_METRICS.waiting) ?? null,
      counts: OUTCOMES.map((reason: Outcome) => ({
        reason,
        name: OUTCOME_NAMES[reason],
        count: metrics.value(DETECTION_METRIC, reason) ?? 0,
      })),
      since: this.#sinceMs,
      settings: { minSize, smallest: Math.max(this.#smallest.width, this.#smallest.height), ignore },
    };
  }

  /** Serves with each renewal of the certificate. Never rejects: the camera matters more than its page. */
  async #followRenewals(renewals: RenewedCertificate): Promise<void> {
    const { log, delay: wait = delay } = this.context;
    const { signal } = this.#closed;
    try {
      for (; !signal.aborted; await wait(RENEWAL_CHECK_MS, { signal })) {
        const renewed = renewals.take();
        if (renewed) await this.#server.renew(renewed);
      }
    } catch (error) {
      log.error(`the aiming page has ended, restart the detector to open it again: ${messageOf(error)}`);
    }
  }

  /** Ends the threads and releases the pictures once nobody looks any more. */
  #rest(): void {
    if (this.#isIdle) return;
    this.#isIdle = true;
    this.#pictures.forget();
    this.#encoder.end();
    this.#missed?.forget();
    void this.#explainer?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#server.close();
    this.#encoder.end();
    await this.#explainer?.[Symbol.asyncDispose]();
  }
}
