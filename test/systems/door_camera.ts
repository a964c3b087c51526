/** A camera in the network: five JPEGs of the portrait a second. */
import { run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { MjpegCamera } from "../servers/mjpeg_camera.ts";

const PORTRAIT = inProject("lib/camera/sample/astronaut.png");
const FRAME_MS = 200;

/** Listens on this machine's address in the board's network. */
export async function doorCamera(hostname: string): Promise<MjpegCamera> {
  using folder = new TempFolder();
  const path = folder.at("door.jpg");
  const filter = "scale=320:-2,pad=640:480:160:80:gray";
  await run("ffmpeg", ["-v", "error", "-i", PORTRAIT, "-vf", filter, path]);
  const jpeg = await Deno.readFile(path);
  return new MjpegCamera({ picture: () => jpeg, intervalMs: FRAME_MS, hostname });
}
