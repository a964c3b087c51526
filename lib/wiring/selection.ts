/** The settings of which detections become faces, and the selector that they describe. */
import type { Camera } from "../camera/camera.ts";
import type { Detection, Engine } from "../detection/engine.ts";
import { loadEngine } from "../detection/engines.ts";
import { isIgnored, parseZones } from "../detection/ignore_zones.ts";
import {
  bestFaces,
  everyFace,
  type FaceCheck,
  type FaceSelector,
  type SelectorOptions,
} from "../detection/face_selection.ts";
import type { Filter } from "../detection/outcome.ts";
import type { VisitSettings } from "../detection/visits.ts";
import { EYE, shippedCascade } from "../haar/shipped_cascade.ts";
import { showsBothEyes } from "../image/landmarks.ts";
import { choice, grouped, number, onOff, text, type Values } from "../settings/declare.ts";
import type { DETECTION_SETTINGS } from "./detection.ts";

/** `--confirm` where it is not set, and for the network (docs/decisions/2026-11-26-defaults-of-recall.md). */
const USUAL_CONFIRM = "2/4";
const NETWORK_CONFIRM = "3/6";

/** The settings of the selection: which detections become visits, and which visits become faces. */
export const SELECTION_SETTINGS = grouped("selection", {
  faces: choice(["best", "every"], {
    help: "best: the best faces of each visit; every: each detection",
    details:
      "A visit yields a face when it is confirmed, more while it lasts (--visit-still), and perhaps a better one at its end. " +
      "Of pictures, each detection is a face. With every, each frame is searched whole, unless --motion is set.",
    fallback: "best",
  }),
  ignore: {
    help: "zones in which detections are ignored, such as a poster",
    placeholder: "X,Y,W,H ...",
    fallback: "",
    parse: parseZones,
  },
  minWeight: number({
    help: "with haar: ignore detections with a lower cascade score",
    details: "The cascade score is OpenCV's level weight, the field weight of a face's metadata. " +
      "A minimum of 3 rejects most false faces of a fine search (--scale-factor 1.1 --min-neighbors 3). " +
      "At the defaults it also rejects one in eight correct detections.",
    min: -1000,
    max: 1000,
    fraction: true,
  }),
  confirm: text({
    help: "accept a visit once it was detected in K of N consecutive frames",
    details: "With the engine yunet the default is 3/6, because its false detections can last two frames.",
    placeholder: "K/N",
    shownFallback: USUAL_CONFIRM,
    check: (given) => {
      const [hits, frames] = /^\d{1,3}\/\d{1,3}$/.test(given) ? given.split("/").map(Number) : [0, 0];
      return hits >= 1 && hits <= frames
        ? undefined
        : "should be like 2/4, the first number at most the second";
    },
  }),
  eyes: onOff({
    help: "accept a visit once an eye was found in one of its faces",
    details:
      "With --faces every, each face needs one. Glasses can hide eyes from the engines haar and opencv. " +
      "The engine yunet requires both eyes in view, which excludes profiles.",
    fallback: "off",
  }),
  visitGap: number({
    help: "end a visit after this long without a detection",
    min: 0.1,
    max: 600,
    fraction: true,
    unit: "seconds",
    fallback: "2",
  }),
  visitStill: number({
    help: "while a visit lasts, send another face at this interval",
    min: 1,
    max: 86_400,
    unit: "seconds",
    fallback: "60",
  }),
  margin: number({
    help: "margin to crop around a face, as a fraction of its size",
    min: 0,
    max: 5,
    fraction: true,
    fallback: "0.2",
  }),
});

/** Which filter, --ignore or --min-weight, a detection does not pass; undefined when it counts. One without a weight passes every --min-weight. */
export function filteredBy(
  detection: Detection,
  { ignore, minWeight }: Pick<Values<typeof SELECTION_SETTINGS>, "ignore" | "minWeight">,
): Filter | undefined {
  if (isIgnored(detection, ignore)) return "ignored";
  // The weight of an accepted detection can be negative, so 0 is not the same as no minimum.
  return (detection.weight ?? Infinity) < (minWeight ?? -Infinity) ? "low_score" : undefined;
}

type SelectorSettings = Values<typeof SELECTION_SETTINGS & Pick<typeof DETECTION_SETTINGS, "engine">>;

/** Whether a detection counts. */
export function passesFilter(...detection: Parameters<typeof filteredBy>): boolean {
  return filteredBy(...detection) === undefined;
}

/** The selector. Pictures are unrelated, so every face in them counts. */
export async function openSelector(
  settings: SelectorSettings,
  { stills }: Camera,
  onSettled?: SelectorOptions["onSettled"],
): Promise<FaceSelector> {
  const { faces, engine, eyes, visitStill, margin } = settings;
  const isFace = eyes ? await eyeCheck(await loadEngine(engine)) : undefined;
  if (faces === "every" || stills) return everyFace(margin, { isFace, onSettled });
  const visits = { ...visitSettings(settings), stillMs: visitStill * 1000 };
  return bestFaces(margin, visits, { isFace, onSettled });
}

/** When detections are a visit, and when it ends. */
export function visitSettings(
  { engine, confirm, visitGap }: Pick<SelectorSettings, "engine" | "confirm" | "visitGap">,
): VisitSettings {
  const [confirmHits, confirmFrames] = (confirm ?? (engine === "yunet" ? NETWORK_CONFIRM : USUAL_CONFIRM))
    .split("/").map(Number);
  return { confirmHits, confirmFrames, gapMs: visitGap * 1000 };
}

/** The check of `--eyes`: by the landmarks of an engine that has them, otherwise by a search for an eye. */
export async function eyeCheck({ hasLandmarks }: Pick<Engine, "hasLandmarks">): Promise<FaceCheck> {
  if (hasLandmarks) return ({ landmarks, box }) => landmarks !== undefined && showsBothEyes(landmarks, box);
  // Loaded only here: a second kernel, in this thread.
  const { EyeCheck } = await import("../detection/eye_check.ts");
  const check = new EyeCheck(shippedCascade(EYE, "compiled"));
  return (face) => check.hasEye(face);
}
