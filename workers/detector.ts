/**
 * detector: camera -> faces. Searches every frame for faces and hands each, cut out in colour with its metadata, to the
 * broker on the board; what was handed over and has no receipt yet waits in the outbox.
 */
import { BoardClock } from "../lib/clock/board_clock.ts";
import type { Clock } from "../lib/clock/clock.ts";
import { withClock } from "../lib/clock/corrected_times.ts";
import type { FaceFile } from "../lib/face/face.ts";
import { writeFaceWithin } from "../lib/face/fit_face.ts";
import type { Camera } from "../lib/camera/camera.ts";
import { ConfigError } from "../lib/errors.ts";
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { equalise } from "../lib/image/equalise.ts";
import { detectFrames } from "../lib/detection/frame_pipeline.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  deviceName,
  wrongName,
} from "../lib/wiring/bus.ts";
import { openSelector, passesFilter, SELECTION_SETTINGS } from "../lib/wiring/selection.ts";
import {
  DETECTION_SETTINGS,
  searchArea,
  startDetection,
  type StartedDetection,
} from "../lib/wiring/detection.ts";
import type { Component } from "../lib/health/health.ts";
import { largeEnough, smallestFace } from "../lib/wiring/face_room.ts";
import { type FaceSink, openFaceSink, SINK_SETTINGS } from "../lib/wiring/face_sink.ts";
import { cameraPart, openSource, SOURCE_SETTINGS } from "../lib/wiring/camera.ts";
import { grouped, text, type Values } from "../lib/settings/declare.ts";
import { type Context, program, start } from "../lib/program/program.ts";

/** How long faces that wait are given to get away when the camera fails. */
const LAST_DRAIN_MS = 30_000;

const declared = {
  ...SOURCE_SETTINGS,
  ...grouped("camera", {
    camera: text({
      help: "name of the camera in topics and object keys",
      placeholder: "NAME",
      fallback: "camera",
      check: wrongName,
    }),
  }),
  ...SELECTION_SETTINGS,
  ...DETECTION_SETTINGS,
  broker: brokerAddress({ help: "address of the board's broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...SINK_SETTINGS,
};

export const detector = program({
  name: "detector",
  settings: declared,
  basics: ["source", "camera", "once", "faces", "ignore", "minSize", "broker", "out"],
  examples: ["--source /dev/video0 --broker mqtt://127.0.0.1:1883", "--source clip.mp4 --once --out faces"],

  async run(settings, { signal, log, health }) {
    const seen = cameraPart(settings, health);
    // A mistake in the settings ends the program at once, a camera that is not there only below.
    const opening = openInput(settings, log, seen);
    await opening.catch((error) => {
      if (error instanceof ConfigError) throw error;
    });
    await using clock = await BoardClock.open();
    await using sink = await openFaceSink(settings, { signal, log, clock, health });
    const count = { frames: 0, skipped: 0, searched: 0, detections: 0, faces: 0 };
    health.counts(() => ({ ...count, ...sink.count() }));
    try {
      const { camera, detection } = await opening;
      await using _detector = detection.detector;
      seen.started();
      await watch(settings, { signal, log, clock }, camera, detection, sink, count, () => seen.ok())
        .finally(() => seen.waiting("no more frames"));
    } catch (error) {
      // Without its camera the program ends, but what an earlier start has kept is sent first.
      await sink.drained({ signal: AbortSignal.any([signal, AbortSignal.timeout(LAST_DRAIN_MS)]) });
      throw error;
    }
    if (!signal.aborted) await sink.drained({ signal });
    log.info("done", { ...count, ...sink.count() });
  },
});

async function openInput(settings: Values<typeof declared>, log: Context["log"], seen: Component) {
  const camera = await openSource(settings, log, seen);
  return { camera, detection: await startDetection(settings, camera) };
}

/** Hands over every face of every frame until the input ends. */
async function watch(
  settings: Values<typeof declared>,
  { signal, log, clock }: Pick<Context, "signal" | "log"> & { readonly clock: Clock },
  camera: Camera,
  { detector, metadata }: StartedDetection,
  sink: FaceSink,
  count: { frames: number; skipped: number; searched: number; detections: number; faces: number },
  onSearched: () => void,
): Promise<void> {
  const selector = await openSelector(settings, camera);
  const named = { ...settings, device: deviceName(settings.device), detection: metadata };
  const searchable = largeEnough(camera.frames({ signal }), {
    ...camera,
    smallest: await smallestFace(settings),
    onSmall: (reason) => log.warn(`passed over a picture: ${reason}`),
  });
  const frames = detectFrames(searchable, detector, {
    live: camera.live,
    area: searchArea(settings, camera),
    onSkipped: () => count.skipped++,
    prepare: settings.equalise ? equalise : undefined,
  });
  const handOver = async (chosen: SelectedFace[]) => {
    for (const face of chosen) {
      count.faces++;
      await sink.deliver(faceFile(face, named, sink, clock));
    }
  };
  for await (const { frame, boxes, searched } of frames) {
    if (count.frames++ === 0) {
      log.info("first frame", { source: camera.name, size: `${frame.width}x${frame.height}` });
    }
    if (searched !== "none") count.searched++;
    const faces = boxes.filter((box) => passesFilter(box, settings));
    count.detections += faces.length;
    await handOver(selector.update(frame, faces));
    onSearched();
  }
  await handOver(selector.flush());
}

/** Writes a face as the file that travels, with what is known about it. */
function faceFile(
  { picture, box, crop, frame, capturedMs, score, neighbors, weight, visit }: SelectedFace,
  { camera, device, maxFace, out, detection }: Values<typeof declared> & {
    readonly device: string;
    readonly detection: StartedDetection["metadata"];
  },
  numbers: { readonly epoch: string; nextSequence(): number },
  clock: Clock,
): FaceFile {
  const metadata = {
    camera,
    device,
    captured: new Date(capturedMs).toISOString(),
    epoch: numbers.epoch,
    sequence: numbers.nextSequence(),
    box,
    crop,
    frame,
    score: thousandths(score),
    neighbors,
    ...(weight !== undefined && { weight: thousandths(weight) }),
    ...(visit && { visit }),
    ...detection,
  };
  return writeFaceWithin(picture, withClock(metadata, clock), out === undefined ? maxFace * 1024 : Infinity);
}

const thousandths = (value: number) => Math.round(value * 1000) / 1000;

if (import.meta.main) await start(detector);
