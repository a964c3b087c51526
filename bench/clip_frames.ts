/** The frames of a clip as the detector's camera reads them. */
import { brightnessOf, type SearchPlane } from "../lib/image/frame.ts";
import { openLog } from "../lib/log.ts";
import { openSource } from "../lib/wiring/camera.ts";
import { settingsOf } from "./selected_faces.ts";

/** Every nth frame with its chroma. A plane is valid until the next one is taken. */
export async function* clipFrames(path: string, nth: number): AsyncGenerator<SearchPlane> {
  const camera = await openSource(
    settingsOf(path, ""),
    openLog("bench", { level: "warning", format: "text" }),
  );
  let number = 0;
  for await (const frame of camera.frames({ signal: new AbortController().signal })) {
    const { pixels } = frame;
    if (number++ % nth === 0) {
      yield pixels.kind === "rgb24" ? brightnessOf(frame) : { ...brightnessOf(frame), chroma: pixels };
    }
    frame.release?.();
  }
}
