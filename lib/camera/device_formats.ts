/** The formats that a V4L2 device offers, as ffmpeg lists them. */
import { readLines } from "./camera_process.ts";
import { startFfmpeg } from "./ffmpeg_version.ts";

/** A longer list is cut: some devices repeat each size for each interval. */
const MAX_FORMATS = 12;

/** The formats of a device, each with its largest size: `mjpeg to 1920x1080, yuyv422 to 640x480`; undefined without any. */
export async function deviceFormats(
  device: string,
  { signal }: { signal: AbortSignal },
): Promise<string | undefined> {
  const args = ["-hide_banner", "-nostdin", "-f", "v4l2", "-list_formats", "all", "-i", device];
  const child = startFfmpeg(args, { stdout: "null", stderr: "piped", signal });
  const lines: string[] = [];
  await readLines(child.stderr, (line) => lines.length < 1_000 && lines.push(line));
  await child.status;
  return formatsIn(lines);
}

/** The formats in the lines of ffmpeg. */
export function formatsIn(lines: readonly string[]): string | undefined {
  const formats = lines.flatMap((line) => {
    const [, name, sizes] = /(?:Raw|Compressed) *: *([\w-]+) *:.*?:((?: *\d+x\d+)+)/.exec(line) ?? [];
    return name === undefined || name === "Unsupported"
      ? []
      : [`${name} to ${largest(sizes.trim().split(/ +/))}`];
  });
  if (formats.length === 0) return undefined;
  const shown = formats.slice(0, MAX_FORMATS).join(", ");
  return formats.length > MAX_FORMATS ? `${shown}, and ${formats.length - MAX_FORMATS} more` : shown;
}

function largest(sizes: readonly string[]): string {
  const pixels = (size: string) => size.split("x").map(Number).reduce((width, height) => width * height);
  return sizes.reduce((best, size) => pixels(size) > pixels(best) ? size : best);
}
