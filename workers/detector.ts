/**
 * detector: from camera to faces. Searches every frame for faces and publishes each, cropped in colour and with its
 * metadata, to the board's broker. A face waits in the outbox until its receipt arrives.
 */
import { BoardClock } from "../lib/clock/board_clock.ts";
import type { SelectedFace } from "../lib/detection/face_selection.ts";
import { ConfigError } from "../lib/errors.ts";
import { program, start } from "../lib/program/program.ts";
import { grouped, text, type Values } from "../lib/settings/declare.ts";
import {
  brokerAddress,
  BUS_METRICS,
  BUS_SETTINGS,
  certificateAuthority,
  deviceName,
  wrongName,
} from "../lib/wiring/bus.ts";
import { cameraComponent, SOURCE_SETTINGS } from "../lib/wiring/camera.ts";
import { addClockMetrics, CLOCK_METRICS } from "../lib/wiring/clock_metrics.ts";
import { DETECTION_SETTINGS } from "../lib/wiring/detection.ts";
import { detectorStatus, detectorSummary } from "../lib/wiring/detector_status.ts";
import { openFaceCuts } from "../lib/wiring/face_cuts.ts";
import { FACE_METRICS } from "../lib/wiring/face_metrics.ts";
import { DISCOVERY_SETTINGS, openHomeAssistant, type Round } from "../lib/wiring/home_assistant.ts";
import { InputProgress } from "../lib/wiring/input_progress.ts";
import { MAIN_CUT_METRICS, openMainCuts } from "../lib/wiring/main_cuts.ts";
import { openMain } from "../lib/wiring/main_stream.ts";
import { openFaceSink, SINK_METRICS, SINK_SETTINGS } from "../lib/wiring/open_face_sink.ts";
import { countSettled } from "../lib/wiring/outcome_metrics.ts";
import { withPreset } from "../lib/wiring/preset.ts";
import {
  checkPreview,
  openExplained,
  openPreview,
  PREVIEW_SETTINGS,
} from "../lib/wiring/preview_settings.ts";
import {
  addSearchMetrics,
  openSearch,
  type Search,
  SEARCH_METRICS,
  searchFrames,
  type SearchSettings,
} from "../lib/wiring/search.ts";
import { openSampledLooks } from "../lib/wiring/sampled_looks.ts";
import { searchRounds } from "../lib/wiring/search_rounds.ts";
import { type FaceOrigin, selectedFaceFile } from "../lib/wiring/selected_face_file.ts";
import { openSelector, SELECTION_SETTINGS } from "../lib/wiring/selection.ts";

/** How long a detector whose camera failed waits for the outbox to empty. */
const LAST_DRAIN_MS = 30_000;

const SETTINGS = withPreset({
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
  ...PREVIEW_SETTINGS,
  broker: brokerAddress({ help: "address of the board's broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  ...BUS_SETTINGS,
  ...SINK_SETTINGS,
  ...DISCOVERY_SETTINGS,
});

export const detector = program({
  name: "detector",
  settings: SETTINGS,
  basics: ["source", "camera", "once", "faces", "minSize", "broker", "out", "preset"],
  metrics: [SEARCH_METRICS, FACE_METRICS, MAIN_CUT_METRICS, CLOCK_METRICS, ...SINK_METRICS, BUS_METRICS],
  examples: ["--source /dev/video0 --broker mqtt://127.0.0.1:1883", "--source clip.mp4 --once --out faces"],

  async run(settings, { signal, log, health, status }) {
    checkPreview(settings);
    const component = cameraComponent(settings, health);
    const metrics = {
      ...addSearchMetrics(health, component),
      ...health.metrics.add({ ...FACE_METRICS, ...MAIN_CUT_METRICS }),
    };
    const progress = new InputProgress();
    status.show(detectorStatus(settings, health, progress));
    const home = await openHomeAssistant(settings, { log, component });
    await using stream = openMain(settings, { log, health, signal });
    const open = (settings: SearchSettings) => openSearch(settings, { log, component, main: stream });
    // Wrong settings end the program at once. A missing camera ends it below, after the outbox was sent.
    const opening = home.first && open(home.first);
    await opening?.catch((error) => {
      if (error instanceof ConfigError) throw error;
    });
    await using clock = await BoardClock.open();
    addClockMetrics(health, clock);
    await using sink = await openFaceSink(settings, { signal, log, clock, health, home });
    await using page = await openPreview(settings, { signal, log, health, metrics, camera: component });
    const isWatched = () => page?.isWatched ?? false;
    const run = async (search: Search, round: Round<typeof settings>) => {
      component.started();
      const count = countSettled(metrics.detections, log);
      const selector = await openSelector(round.settings, search.camera, (settled) => {
        count(settled);
        page?.settled(settled);
      });
      const { smallest } = search.detection;
      page?.begin(round.settings, smallest);
      await using explained = await openExplained(round.settings, { ...metrics, smallest, log });
      await using samples = openSampledLooks(round.settings, { ...metrics, smallest, log, isWatched });
      progress.begin(search.camera);
      const { metadata: detection } = search.detection;
      const origin = originOf(settings, { detection, numbers: sink.numbers, clock });
      const main = stream && openMainCuts(search, round.settings, { ...metrics, log, signal });
      await using cuts = openFaceCuts(
        round.settings,
        { log, small: metrics.small, main, signal },
        async (face) => {
          const file = selectedFaceFile(face, origin);
          await sink.deliver(file);
          home.showFace(file);
        },
      );
      const deliver = async (faces: SelectedFace[]) => {
        home.showVisitors(selector.visitors);
        cuts.check();
        for (const face of faces) {
          metrics.faces.add(face.visit?.why ?? "every");
          await cuts.add(face);
        }
      };
      const frames = searchFrames(search, round.settings, { signal: round.signal, log, metrics, isWatched });
      for await (const result of frames) {
        await deliver(selector.update(result.frame, result.detections));
        page?.update(result, selector);
        await explained?.update(result, selector);
        samples?.update(result);
        progress.passed(result.frame);
        component.ok();
      }
      await deliver(selector.flush());
      await cuts.flush();
    };
    try {
      await searchRounds(home, { signal, opening, open, run })
        .finally(() => component.waiting("no more frames"));
    } catch (error) {
      await sink.drained({ signal: AbortSignal.any([signal, AbortSignal.timeout(LAST_DRAIN_MS)]) });
      throw error;
    }
    if (!signal.aborted) await sink.drained({ signal });
    if (settings.once && !signal.aborted) {
      status.conclude(detectorSummary(health, progress, sink), health.done);
    } else log.info("done", health.done);
  },
});

/** What all faces of this run have in common. */
function originOf(
  settings: Values<typeof SETTINGS>,
  rest: Pick<FaceOrigin, "detection" | "numbers" | "clock">,
): FaceOrigin {
  const { camera, device, maxFace, out } = settings;
  return {
    ...rest,
    camera,
    device: deviceName(device),
    maxBytes: out === undefined ? maxFace * 1024 : Infinity,
  };
}

if (import.meta.main) await start(detector);
