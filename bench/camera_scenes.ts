/** The scenes of bench:camera: nobody, a person who stands still, people who walk up; encoded as cameras send them. */
import { join } from "node:path";
import { LONG, run } from "../lib/testing/command.ts";
import { filesIn } from "../lib/testing/files.ts";
import { type Clip, CLIPS, type Layer } from "../test/media/clips.ts";
import { encodeClip } from "../test/media/make_clip.ts";

/** Frames per second of the scenes; a camera of a lower rate leaves some out. */
export const RATE = 30;
/** The door clip has 10 frames per second. */
const SLOWER = 3;
/** Three people walk up, one after the other. */
const MOVING_FRAMES = 3 * 36 * SLOWER;
/** A scene in which nothing moves repeats after a second; only its noise changes. */
const STILL_FRAMES = RATE;
/** Temporal noise as that of a sensor, on luma: a clip without it would be smaller and cheaper to decode. */
const NOISE = "noise=c0s=10:c0f=t:c0_seed=1";

export const SCENES = ["empty", "still", "moving"] as const;
export type SceneName = typeof SCENES[number];

/** How a camera sends its pictures. */
export interface CameraFormat {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Pixel format, codec and file of ffmpeg; with `frames` each frame is a JPEG of its own. */
  readonly encoding: readonly string[];
  readonly file: string;
}

const MJPEG = ["-c:v", "mjpeg", "-q:v", "4"];
const H264 = "-c:v libx264 -preset veryfast -profile:v high -bf 0 -g 60 -b:v 4M -pix_fmt yuv420p".split(" ");
const JPEGS = "%04d.jpg";

/** 4:2:2 is common among USB cameras. */
export const FORMATS: readonly CameraFormat[] = [
  { name: "mjpeg_720p", width: 1280, height: 720, encoding: ["-pix_fmt", "yuvj422p", ...MJPEG], file: JPEGS },
  {
    name: "mjpeg_1080p",
    width: 1920,
    height: 1080,
    encoding: ["-pix_fmt", "yuvj422p", ...MJPEG],
    file: JPEGS,
  },
  {
    name: "mjpeg_1080p_420",
    width: 1920,
    height: 1080,
    encoding: ["-pix_fmt", "yuvj420p", ...MJPEG],
    file: JPEGS,
  },
  { name: "h264_1080p", width: 1920, height: 1080, encoding: H264, file: "clip.mp4" },
  {
    name: "yuyv_720p",
    width: 1280,
    height: 720,
    encoding: ["-pix_fmt", "yuyv422", "-c:v", "rawvideo"],
    file: "clip.nut",
  },
];

/** Whether a format is MJPEG, which the detector may leave undecoded. */
export function isMjpeg({ file }: CameraFormat): boolean {
  return file === JPEGS;
}

/** A cup on a table, which fills the frame: a background with structure. */
const BACKGROUND = { picture: "coffee", left: 0, top: 0, width: 600, height: 400 } as const;

function scene(frames: number, people: readonly Layer[]): Clip {
  const place = { centreX: 320, centreY: 240, width: 720 };
  const places = [{ ...place, frame: 0 }, { ...place, frame: frames }];
  const layers = [{ cutout: BACKGROUND, places }, ...people];
  return { width: 640, height: 480, framesPerSecond: RATE, frames, layers };
}

/** The clips of 640x480 from which each format is made. */
function clipOf(name: SceneName): Clip {
  const { layers } = CLIPS.door;
  const standing = { centreX: 306, centreY: 224, width: 160 };
  switch (name) {
    case "empty":
      return scene(STILL_FRAMES, []);
    case "still": {
      const places = [{ ...standing, frame: 0 }, { ...standing, frame: STILL_FRAMES }];
      return scene(STILL_FRAMES, [{ cutout: layers[0].cutout, places }]);
    }
    case "moving": {
      const slower = ({ cutout, places }: Layer) => ({
        cutout,
        places: places.map((place) => ({ ...place, frame: place.frame * SLOWER })),
      });
      return scene(MOVING_FRAMES, layers.map(slower));
    }
  }
}

/** The scenes in one folder, made on demand. */
export class SceneFolder {
  readonly #made = new Map<string, Promise<string>>();

  /** @param options.clip a clip in place of the moving scene. */
  constructor(readonly path: string, private readonly options: { clip?: string; rate: number }) {}

  /** Makes a scene in a format. Returns the folder of its JPEGs, or its file. */
  async make(name: SceneName, format: CameraFormat): Promise<string> {
    const path = join(this.path, format.name, name);
    await this.#once(path, () => this.#encode(name, format, path));
    return isMjpeg(format) ? path : join(path, format.file);
  }

  /** The mean size of a frame of a scene, in kB (1,000 bytes): decoding takes longer the larger it is. */
  async frameKB(name: SceneName, format: CameraFormat): Promise<number> {
    const path = await this.make(name, format);
    const sizes = await Array.fromAsync(filesIn(path), async (file) => (await Deno.stat(file)).size);
    return sizes.reduce((sum, size) => sum + size, 0) / sizes.length / 1000;
  }

  async #encode(name: SceneName, { width, height, encoding, file }: CameraFormat, path: string) {
    const clip = await this.#source(name);
    await Deno.mkdir(path, { recursive: true });
    const filters = [
      `scale=${width}:${height}:flags=lanczos:force_original_aspect_ratio=increase`,
      `crop=${width}:${height}`,
      NOISE,
      `fps=${file === JPEGS ? RATE : this.options.rate}`,
    ];
    const input = ["-v", "error", "-t", `${MOVING_FRAMES / RATE}`, "-i", clip];
    await run("ffmpeg", [...input, "-vf", filters.join(","), ...encoding, join(path, file)], LONG);
  }

  async #source(name: SceneName): Promise<string> {
    if (name === "moving" && this.options.clip) return this.options.clip;
    const path = join(this.path, `${name}.mp4`);
    return await this.#once(path, () => encodeClip(clipOf(name), path));
  }

  async #once(path: string, make: () => Promise<void>): Promise<string> {
    const made = this.#made.get(path) ?? make().then(() => path);
    this.#made.set(path, made);
    return await made;
  }
}
