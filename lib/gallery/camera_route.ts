/** `/api/cameras`: the cameras that the broker knows. */
import type { ShownCamera } from "./cameras.ts";
import { json } from "../web/responses.ts";
import type { Call } from "./route.ts";

/** Where the gallery gets its cameras from. */
export interface CameraSource {
  readonly broker: "connected" | "away";
  /** Since when, milliseconds since 1970. */
  readonly since: number;
  list(): readonly ShownCamera[];
}

/** Without `--broker` there is no source: the list is empty. */
export function cameraList({ gallery: { cameras } }: Call): Response {
  if (!cameras) return json({ broker: "none", cameras: [] });
  return json({ broker: cameras.broker, since: cameras.since, cameras: cameras.list() });
}
