/**
 * The status of a detector, from its metrics:
 *
 *     ● front  29.9 fps · 3 ms · 12 faces · 0 waiting · last 14:03:11
 *     ◆ front  29.8 fps · 3 ms · 17 faces · 5 waiting · broker away for 12 s, retrying
 *     street.mp4  ━━━━━━━━━━╸────────  58 % · 412 fps · 3 s left · 7 faces
 *     ○ front  camera away for 18 s: "/dev/video0" gave no frame for 15 s · 17 faces · 0 waiting
 */
import type { Metrics } from "../health/metrics.ts";
import type { Health } from "../health/health.ts";
import { counted, lastPart, type Status, type StatusPart } from "../terminal/status.ts";
import { FACE_METRICS } from "./face_metrics.ts";
import type { FaceSink } from "./face_sink.ts";
import { FOLDER_METRICS } from "./folder_sink.ts";
import type { InputProgress } from "./input_progress.ts";
import { MAIN_STREAM } from "./main_stream.ts";
import { OUTBOX_METRICS } from "./outbox_metrics.ts";
import { PLAIN_METRICS } from "./plain_sink.ts";
import { RecentRate } from "./recent_rate.ts";
import { framesGiven, SEARCH_METRICS } from "./search.ts";
import { BrokerAway, milliseconds, RecentDuration, waitPart, worstOf } from "./status_parts.ts";

/** A face that has waited longer for its receipt is a warning, seconds. */
const LONG_WAIT_S = 60;

/** Returns the function that reads the status, for calls at intervals. */
export function detectorStatus(
  { camera, once }: { readonly camera: string; readonly once: boolean },
  health: Health,
  progress: InputProgress,
  nowMs: () => number = () => performance.now(),
): () => Status {
  const frames = new RecentRate();
  const search = new RecentDuration(health, SEARCH_METRICS.search);
  const broker = new BrokerAway(health, "broker");
  const { metrics } = health;
  return () => {
    const ms = nowMs();
    const given = framesGiven(metrics);
    if (given > 0) frames.read({ ms, count: given });
    const searchMs = search.read(ms);
    const trouble = [...waitPart(health, "camera"), ...stuckPart(health)];
    const faults = [
      ...waitPart(health, "disk", "warning"),
      ...waitPart(health, "folder", "warning"),
      ...waitPart(health, MAIN_STREAM, "warning"),
      ...broker.read(ms),
    ];
    const waiting = waitingParts(health, faults.length > 0);
    const done = once ? progress.done : undefined;
    return {
      ...done && { progress: done.fraction },
      name: once ? progress.name ?? camera : camera,
      state: worstOf([...trouble, ...faults, ...waiting]),
      parts: [
        ...done ? [{ text: `${Math.floor(done.fraction * 100)} %` }] : [],
        ...trouble.length > 0 ? trouble : ratePart(frames.perSecond, done ? undefined : searchMs),
        ...done?.secondsLeft === undefined ? [] : [{ text: `${durationText(done.secondsLeft)} left` }],
        { text: counted(metrics.value(FACE_METRICS.faces) ?? 0, "face") },
        ...done ? waiting.filter(({ state }) => state !== undefined) : waiting,
        ...faults,
        ...done || trouble.length > 0 || faults.length > 0
          ? []
          : lastPart(metrics.addedMs(FACE_METRICS.faces)),
      ],
    };
  };
}

function ratePart(perSecond: number | undefined, searchMs: number | undefined): StatusPart[] {
  return [
    ...perSecond === undefined ? [] : [{ text: rateText(perSecond) }],
    ...searchMs === undefined
      ? []
      : [{ text: milliseconds(searchMs), log: `search ${milliseconds(searchMs)}`, omit: 2 }],
  ];
}

/** `3,000 frames in 7.3 s (411 fps). 12 faces from 9 visits in faces/2026-11-26.` */
export function detectorSummary(
  { metrics }: Health,
  { seconds }: Pick<InputProgress, "seconds">,
  { place }: Pick<FaceSink, "place">,
): string {
  const frames = metrics.value(SEARCH_METRICS.frames) ?? 0;
  const visits = metrics.value(FACE_METRICS.faces, "first") ?? 0;
  const missing = (metrics.value(OUTBOX_METRICS.evicted) ?? 0) + lostFaces(metrics);
  const rate = seconds > 0 ? ` in ${durationText(seconds)} (${rateText(frames / seconds)})` : "";
  const from = visits > 0 ? ` from ${counted(visits, "visit")}` : "";
  const faces = `${counted(metrics.value(FACE_METRICS.faces) ?? 0, "face")}${from} ${place}`;
  const lost = missing > 0 ? ` ${counted(missing, "face")} not delivered.` : "";
  return `${counted(frames, "frame")}${rate}. ${faces}.${lost}`;
}

/** `7.3 s`, `2 min 5 s`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function rateText(perSecond: number): string {
  return `${perSecond < 100 ? perSecond.toFixed(1) : Math.round(perSecond)} fps`;
}

function lostFaces(metrics: Metrics): number {
  return (metrics.value(PLAIN_METRICS.published, "lost") ?? 0) + (metrics.value(FOLDER_METRICS.lost) ?? 0);
}

/** The faces that are not delivered: in the outbox, in memory before a folder, or lost without receipts. */
function waitingParts({ metrics }: Health, isFaulty: boolean): StatusPart[] {
  const lost = lostFaces(metrics);
  const evicted = metrics.value(OUTBOX_METRICS.evicted) ?? 0;
  const waiting = metrics.value(OUTBOX_METRICS.waiting) ?? metrics.value(FOLDER_METRICS.waiting);
  const isLate = (metrics.value(OUTBOX_METRICS.oldest) ?? 0) > LONG_WAIT_S;
  const state = waiting && (isLate || isFaulty) ? "warning" : undefined;
  return [
    ...waiting === undefined ? [] : [{ text: `${waiting.toLocaleString("en")} waiting`, state } as const],
    ...evicted > 0 ? [{ text: `${evicted.toLocaleString("en")} evicted`, state: "warning" } as const] : [],
    ...lost > 0 ? [{ text: `${lost.toLocaleString("en")} lost`, state: "warning" } as const] : [],
  ];
}

/** Frames come, and none is searched: only a restart helps. */
function stuckPart({ notAlive }: Health): StatusPart[] {
  return notAlive === undefined ? [] : [{ text: `stuck, ${notAlive}`, state: "trouble", mayShrink: true }];
}
