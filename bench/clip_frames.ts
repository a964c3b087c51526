/** The frames of a clip as the detector's camera reads them. */
import { brightnessOf, type SearchPlane } from "../lib/image/frame.ts";
import { openLog } from "../lib/log.ts";
import { openSource } from "../lib/wiring/camera.ts";
import { everyNth, settingsOf } from "./selected_faces.ts";

/** Every nth frame with its chroma. A plane is valid until the next one is taken. */
export async function* clipFrames(path: string, nth: number): AsyncGenerator<SearchPlane> {
  const camera = await openSource(
    settingsOf(path, ""),
    openLog("bench", { level: "warning", format: "text" }),
  );
  for await (const frame of everyNth(camera.frames({ signal: new AbortController().signal }), nth)) {
    const { pixels } = frame;
    yield pixels.kind === "rgb24" ? brightnessOf(frame) : { ...brightnessOf(frame), chroma: pixels };
    frame.release?.();
  }
}
