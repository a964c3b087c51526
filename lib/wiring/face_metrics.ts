/** The faces of a detector, counted when they are selected. */
import { counter } from "../health/metric.ts";

export const FACE_METRICS = {
  faces: counter("haarlem_faces_total", {
    help: "faces of the detector, by the reason of their selection",
    label: "why",
    values: ["first", "still", "best", "every"],
    field: "faces",
  }),
  small: counter("haarlem_faces_cut_small_total", {
    help: "faces cut from the smaller frame, because the whole picture was not decoded, or differs from it",
    field: "cutSmall",
    omitsZero: true,
  }),
};
