/** Clips with a face, made by this machine's ffmpeg: as a file of H.264 and as a USB camera sends JPEGs. */
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";

const PORTRAIT = join(import.meta.dirname!, "../../lib/camera/sample/astronaut.png");
/** The portrait before a gray wall; five frames. */
const SCENE = "scale=320:-2,pad=640:480:160:80:gray";

/** Makes both in a folder and returns their names. */
export async function makeClips(folder: string): Promise<string[]> {
  const picture = [
    "-v",
    "error",
    "-y",
    "-loop",
    "1",
    "-framerate",
    "5",
    "-t",
    "1",
    "-i",
    PORTRAIT,
    "-vf",
    SCENE,
  ];
  const kinds = {
    "door.mp4": ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast"],
    "usb.avi": ["-pix_fmt", "yuvj422p", "-c:v", "mjpeg", "-q:v", "3"],
  };
  for (const [name, codec] of Object.entries(kinds)) {
    await run("ffmpeg", [...picture, ...codec, join(folder, name)]);
  }
  return Object.keys(kinds);
}
