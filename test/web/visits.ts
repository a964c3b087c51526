/** Visits and cameras for the tests of the page, made from numbers. */
import type { Camera, Face, Visit } from "./double.ts";

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** What a visit of a test has; the rest follows from its number. */
export interface VisitOptions {
  readonly camera?: string;
  /** Number of pictures. */
  readonly pictures?: number;
  /** null: a face without a visit. */
  readonly detections?: number | null;
  readonly lastsMs?: number;
}

/** A visit at a time. Its id, keys and pictures follow from `number`. */
export function visitAt(ms: number, number: number, options: VisitOptions = {}): Visit {
  const { camera = "front", pictures = 1, detections = 10 + number * 7 % 60, lastsMs = 3_000 } = options;
  const faces = Array.from(
    { length: pictures },
    (_, index) => faceAt(ms + index * 700, number, index, { camera, pictures, detections }),
  );
  return {
    id: `visit-${number}`,
    camera,
    device: "porch",
    ms,
    began: ms - 200,
    last: ms - 200 + lastsMs,
    detections,
    faces,
    count: pictures,
    best: pictures - 1,
  };
}

function faceAt(
  ms: number,
  number: number,
  index: number,
  { camera, pictures, detections }: { camera: string; pictures: number; detections: number | null },
): Face {
  const iso = new Date(ms).toISOString();
  const time = iso.slice(11, 23).replace(/[:.]/g, "-");
  const key = `${iso.slice(0, 10)}/${time}_${camera}_${number + index * 15}.png`;
  const path = key.split("/").map(encodeURIComponent).join("/");
  const why = detections === null ? null : index === 0 ? "first" : index === pictures - 1 ? "best" : "still";
  return {
    key,
    url: `faces/${path}`,
    thumb: `thumbs/${path}`,
    ms,
    why,
    score: 0.45 + (number + index) % 5 / 10,
    width: 192,
    height: 192,
    size: 41_000 + number * 100,
  };
}

/** The visits of a day as a door has them: some in the morning and evening, of three cameras, newest first. */
export function dayOfVisits(endMs: number, count: number, { first = 0 } = {}): Visit[] {
  const cameras = ["front", "yard", "front", "yard", "front", "garage"];
  let ms = endMs;
  return Array.from({ length: count }, (_, index) => {
    ms -= (3 + (index * 7 + first) % 23) * MINUTE_MS;
    const pictures = index % 3 === 0 ? 2 + index % 4 : 1;
    const isSingle = index % 11 === 10;
    return visitAt(ms, first + index, {
      camera: cameras[index % cameras.length],
      pictures: isSingle ? 1 : pictures,
      detections: isSingle ? null : undefined,
      lastsMs: 800 + index * 900 % 6_000,
    });
  });
}

/** A camera that works. */
export function cameraOf(name: string, change: Partial<Camera> = {}): Camera {
  return {
    name,
    device: "porch",
    state: "good",
    reason: null,
    framesPerSecond: 29.9,
    lastFrame: Date.now() - 100,
    waiting: 0,
    oldestWaiting: null,
    clock: "yes",
    version: "1.2.3",
    seen: Date.now() - 500,
    ...change,
  };
}

/** Three cameras, one of them without frames. */
export function threeCameras(): Camera[] {
  const lastFrame = Date.now() - 4 * MINUTE_MS;
  return [
    cameraOf("front"),
    cameraOf("yard", { framesPerSecond: 15 }),
    cameraOf("garage", { state: "trouble", reason: "no frame for 4 min", framesPerSecond: 0, lastFrame }),
  ];
}

/** A hundred cameras on as many boards, three of them in trouble and three with a warning. */
export function hundredCameras(): Camera[] {
  const now = Date.now();
  return Array.from({ length: 100 }, (_, index) => {
    const name = `dock-${String(index + 1).padStart(2, "0")}`;
    const device = `board-${String(index + 1).padStart(3, "0")}`;
    const healthy = cameraOf(name, {
      device,
      framesPerSecond: 10 + index % 3 * 7.4,
      lastFrame: now - index * 7,
    });
    const changes: Record<number, Partial<Camera>> = {
      6: {
        state: "trouble",
        reason: "offline",
        framesPerSecond: null,
        waiting: null,
        clock: "unknown",
        lastFrame: now - 42 * MINUTE_MS,
      },
      30: {
        state: "trouble",
        reason: "no frame for 4 min",
        framesPerSecond: 0,
        lastFrame: now - 4 * MINUTE_MS,
      },
      41: {
        state: "trouble",
        reason: "312 faces waiting",
        waiting: 312,
        oldestWaiting: now - 75 * MINUTE_MS,
      },
      14: { state: "warning", reason: "the clock is not synchronised", clock: "no" },
      10: { state: "warning", reason: "the search is slower than the camera", framesPerSecond: 9.2 },
      77: { state: "warning", reason: "version 1.1.0 is older than the gallery's", version: "1.1.0" },
    };
    return { ...healthy, ...changes[index] };
  });
}
