/** Checks of a detector's input: ffmpeg, the camera's formats, a frame; and its search. */
import { readAsset } from "../../assets.ts";
import { abortable, delay } from "../../async/delay.ts";
import type { Camera } from "../../camera/camera.ts";
import { isCsi } from "../../camera/csi_camera.ts";
import { deviceFormats } from "../../camera/device_formats.ts";
import { deviceHolders, type Holder } from "../../camera/device_holders.ts";
import { offerText } from "../../camera/format_choice.ts";
import { dialectOf, startFfmpeg, versionAnswer } from "../../camera/ffmpeg_version.ts";
import { openMainStream } from "../../camera/main_stream.ts";
import type { MainSource } from "../../camera/main_pictures.ts";
import { type Frame, grayPlane } from "../../image/frame.ts";
import { decodePng } from "../../image/png.ts";
import type { Log } from "../../log.ts";
import { printable } from "../../printable.ts";
import { openSource, sourceOptions } from "../camera.ts";
import { startDetection } from "../detection.ts";
import { checkDetectSource, MAIN_STREAM } from "../main_stream.ts";
import type { Check, Finding } from "./finding.ts";
import type { CheckedSettings } from "./settings.ts";

/** Opening a network camera takes up to 15 s, its first key frame some more. */
const LIMIT_MS = 40_000;
/** Time for the first picture of a main stream that is read. */
const OLD_PACKETS_MS = 15_000;
/** A mean brightness below this, of 255, is a covered lens or a dark room. */
const DARK = 12;

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The version of ffmpeg, which reads devices, streams and clips. */
export const FFMPEG_CHECK: Check = {
  name: "ffmpeg",
  limitMs: 15_000,
  async *run() {
    const answer = await versionAnswer(startFfmpeg);
    dialectOf(answer); // Throws for one that is too old.
    yield {
      name: "ffmpeg",
      state: "ok",
      text: /^ffmpeg version (\S+)/m.exec(answer)?.[1] ?? "a build without a version",
    };
  },
};

/** Whether the input is read by ffmpeg. */
export function needsFfmpeg(source: string): boolean {
  return !/^sample(:|$)/.test(source) && !isCsi(source);
}

/** The formats of a device, and a frame of any input. A device in use is left alone. */
export function cameraCheck(settings: CheckedSettings): Check {
  const { source } = settings;
  return {
    name: "camera",
    limitMs: LIMIT_MS,
    async *run({ signal }) {
      let offers: string | undefined;
      if (source.startsWith("/dev/")) {
        const inUse = holderFinding(source, await deviceHolders(source, { signal }));
        if (inUse) return yield inUse;
        const offered = await deviceFormats(source, { signal });
        offers = offered && offerText(printable(source), offered);
        if (offers) yield { name: "camera", state: "ok", text: offers };
      }
      const beganMs = performance.now();
      const chosen: string[] = [];
      const log = { ...SILENT, info: (text: string) => void (text !== offers && chosen.push(text)) };
      const camera = await openSource({ ...settings, once: false }, log);
      for await (const frame of camera.frames({ signal })) {
        for (const text of chosen) yield { name: "camera", state: "ok", text };
        return yield frameFinding(camera, frame, performance.now() - beganMs);
      }
      signal.throwIfAborted();
      throw new Error(`"${camera.name}" gave no frame`);
    },
  };
}

/** A picture of the main stream, where the sub stream is searched. */
export function mainStreamCheck(settings: CheckedSettings): Check {
  return {
    name: MAIN_STREAM,
    limitMs: LIMIT_MS,
    async *run({ signal }) {
      const live = { ...settings, once: false };
      checkDetectSource({ ...live, faces: "best" });
      const opened = Promise.withResolvers<Error | undefined>();
      const beganMs = performance.now();
      await using source = openMainStream(settings.source, {
        ...sourceOptions(live),
        signal,
        onChange: opened.resolve,
      });
      const fault = await abortable(opened.promise, { signal });
      if (fault) throw fault;
      const { width, height } = await mainPicture(source, signal);
      const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
      yield {
        name: MAIN_STREAM,
        state: "ok",
        text: `${source.name}: a picture of ${width}x${height} after ${seconds} s`,
      };
    },
  };
}

/** A picture of now. The first packets of a stream are some seconds old, because ffmpeg has examined them. */
async function mainPicture(source: MainSource, signal: AbortSignal): Promise<Frame> {
  const endMs = performance.now() + OLD_PACKETS_MS;
  for (;;) {
    const held = source.at(performance.now()).hold();
    try {
      return (await held.decode({ signal }))[0];
    } catch (error) {
      if (signal.aborted || performance.now() > endMs) throw error;
    } finally {
      held.release();
    }
    await delay(500, { signal });
  }
}

/** @param holders the programs that have the device open. */
export function holderFinding(source: string, holders: readonly Holder[]): Finding | undefined {
  if (holders.length === 0) return undefined;
  const names = holders.map(({ pid, name }) => `${name} (process ${pid})`).join(", ");
  const text = `${source} is in use by ${names}: no frame was taken`;
  // A detector of ours reads a device by ffmpeg.
  if (holders.some(({ name }) => /^(haarlem|deno|ffmpeg)/.test(name))) {
    return { name: "camera", state: "note", text };
  }
  return {
    name: "camera",
    state: "wrong",
    text,
    hint: "stop that program, or set --source to another camera",
  };
}

function frameFinding(camera: Camera, frame: Frame, tookMs: number): Finding {
  const { width, height } = frame;
  const text = `${camera.name}: a frame of ${width}x${height} after ${(tookMs / 1000).toFixed(1)} s`;
  const gray = grayPlane(frame);
  const mean = gray.reduce((sum, value) => sum + value, 0) / gray.length;
  if (mean >= DARK) return { name: "camera", state: "ok", text };
  const hint = "remove the lens cap, or switch on a light";
  return { name: "camera", state: "note", text: `${text}, nearly black`, hint };
}

/** Whether cascade or weights can be loaded and find the face of the sample. */
export function searchCheck(settings: CheckedSettings): Check {
  return {
    name: "search",
    limitMs: 30_000,
    async *run() {
      const live = { live: false } as Camera;
      const { detector, metadata, smallest } = await startDetection({ ...settings, threads: 1 }, live);
      await using _ = detector;
      const { width, height, rgb } = decodePng(readAsset("lib/camera/sample/astronaut.png"));
      const gray = grayPlane({
        width,
        height,
        pixels: { kind: "rgb24", rgb },
        capturedMs: 0,
        sourceTimeMs: 0,
      });
      const beganMs = performance.now();
      const { length } = await detector.detect({ width, height, gray }, "all");
      const tookMs = Math.round(performance.now() - beganMs);
      const about = [settings.engine, metadata.cascade || metadata.model].filter(Boolean).join(", ");
      const text = `${about}: faces from ${smallest.width}x${smallest.height} pixels`;
      yield length > 0
        ? { name: "search", state: "ok", text: `${text}; found the sample's face in ${tookMs} ms` }
        : { name: "search", state: "note", text: `${text}; with these settings not the one of the sample` };
    },
  };
}
