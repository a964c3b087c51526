/** The detector with a CSI camera, on stand-ins for the programs of the boards (test/servers/csi_stand_in.ts). */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readFace } from "../../lib/face/face_file.ts";
import type { FaceFile } from "../../lib/face/face.ts";
import { decodePng } from "../../lib/image/png.ts";
import { until } from "../../lib/testing/until.ts";
import { CsiBoard, type CsiStandIn } from "../servers/csi_board.ts";
import { uprightScene } from "../servers/csi_scene.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

/** Longer than the stand-in takes to its first frame, also on a busy machine that stops it now and then. */
const STALL = ["--stall", "6"];

/** A detector that writes its faces into a folder, and a camera for it. */
class Door implements AsyncDisposable {
  readonly out = Deno.makeTempDirSync({ prefix: "csi-faces-" });
  readonly board: CsiBoard;
  #detector: RunningProgram | undefined;

  constructor(...programs: CsiStandIn[]) {
    this.board = new CsiBoard(...programs);
  }

  #args(args: readonly string[]): string[] {
    return ["--source", "csi", "--out", this.out, ...args];
  }

  watch(...args: string[]): RunningProgram {
    return this.#detector = new RunningProgram("detector", this.#args(args), { env: this.board.env });
  }

  /** Runs a detector that ends by itself. */
  async ends(...args: string[]) {
    return await runProgram("detector", this.#args(args), { env: this.board.env });
  }

  /** The first face that is written; throws when there is none within a minute. */
  async face(): Promise<FaceFile> {
    return await until(() => anyFace(this.out), "a face is written", { folder: this.out });
  }

  /** Ends the detector as a supervisor would. */
  async stop() {
    this.#detector!.signal("SIGTERM");
    return await this.#detector!.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#detector?.kill();
    this.board[Symbol.dispose]();
    Deno.removeSync(this.out, { recursive: true });
  }
}

async function anyFace(folder: string): Promise<FaceFile | undefined> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) return await anyFace(path);
    if (name.endsWith(".png")) return readFace(await Deno.readFile(path));
  }
  return undefined;
}

/** From the middle of the frame to the middle of the face. */
function offset({ metadata }: FaceFile): number[] {
  const { box, frame } = metadata!;
  return [box.x + (box.width - frame.width) / 2, box.y + (box.height - frame.height) / 2];
}

/** The mean colours of the face's crop, and of the same place in the scene. */
function colours({ metadata, bytes }: FaceFile): { seen: number[]; stored: number[] } {
  const { crop, frame } = metadata!;
  const scene = uprightScene(frame.width, frame.height);
  const { rgb } = decodePng(bytes);
  const [seen, stored] = [[0, 0, 0], [0, 0, 0]];
  for (let at = 0; at < rgb.length / 3; at++) {
    const colour = scene.at(crop.x + at % crop.width, crop.y + Math.floor(at / crop.width));
    for (let channel = 0; channel < 3; channel++) {
      seen[channel] += colour[channel];
      stored[channel] += rgb[at * 3 + channel];
    }
  }
  const mean = (sums: number[]) => sums.map((sum) => sum * 3 / rgb.length);
  return { seen: mean(seen), stored: mean(stored) };
}

for (const program of ["rpicam-vid", "libcamera-vid", "gst-launch-1.0"] as const satisfies CsiStandIn[]) {
  Deno.test(`${program}: the face has its colours and is upright, for every rotation of the camera`, async () => {
    let atZero: number[] | undefined;
    for (const rotate of [0, 90, 180, 270]) {
      await using door = new Door(program);
      door.board.set({ mounted: rotate });
      const detector = door.watch("--size", "720x540", "--rate", "10", "--rotate", `${rotate}`);
      const face = await door.face();
      const size = rotate % 180 === 0 ? "720x540" : "540x720";
      await detector.printed(new RegExp(`first frame source=csi size=${size}`));
      atZero ??= offset(face);
      for (const axis of [0, 1]) {
        assert.ok(
          Math.abs(offset(face)[axis] - atZero[axis]) <= 4,
          `${rotate}: ${offset(face)}, at 0: ${atZero}`,
        );
      }
      const { seen, stored } = colours(face);
      for (const channel of [0, 1, 2]) {
        assert.ok(Math.abs(seen[channel] - stored[channel]) < 3, `saw ${seen}, stored ${stored}`);
      }
      const { code, stderr } = await door.stop();
      assert.equal(code, 0, stderr);
      assert.ok(!door.board.isReading, "no program stays behind");
    }
  });

  Deno.test(`${program}: the detector waits for an unplugged camera, and logs the reason`, async () => {
    await using door = new Door(program);
    const detector = door.watch(...STALL);
    await detector.printed(/first frame source=csi size=1280x960/);
    door.board.set({ camera: "unplugged" });
    await detector.printed(
      /the camera is lost: cannot read the camera "csi": its sensor does not answer; retrying/,
    );
    door.board.set({ camera: "connected" });
    await detector.printed(/the camera is back/);
    assert.equal((await door.stop()).code, 0);
    assert.ok(!door.board.isReading, "no program stays behind");
  });

  Deno.test(`${program}: a frozen camera is opened again`, async () => {
    await using door = new Door(program);
    const detector = door.watch(...STALL);
    await detector.printed(/first frame/);
    door.board.set({ camera: "frozen" });
    await detector.printed(
      /the camera is lost: cannot read the camera "csi": no frame for 6 s; retrying/,
    );
    door.board.set({ camera: "connected" });
    await detector.printed(/the camera is back/);
  });

  Deno.test(`${program}: a camera in use, absent or of another number ends the detector with the reason`, async () => {
    await using door = new Door(program);
    door.board.set({ camera: "busy" });
    const busy = await door.ends();
    assert.equal(busy.code, 1);
    assert.match(
      busy.stderr,
      /cannot read the camera "csi": (it is in use by|another program uses it)[^]*Try: end the/,
    );
    door.board.set({ camera: "unplugged" });
    const absent = await door.ends();
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /cannot read the camera "csi": no camera is connected[^]*Try: /);
    const other = await door.ends("--source", "csi:1");
    assert.equal(other.code, 1);
  });
}

Deno.test("csi:1 reads the second camera", async () => {
  await using door = new Door("rpicam-vid");
  const { code, stderr } = await door.ends("--source", "csi:1");
  assert.equal(code, 1);
  assert.match(stderr, /cannot read the camera "csi:1": no camera has the number 1/);
  assert.deepEqual(door.board.calls[0].slice(0, 3), ["rpicam-vid", "--camera", "1"]);
});

Deno.test("mistakes with a CSI camera end the detector with exit code 78 and a hint", async () => {
  await using none = new Door();
  await using jetson = new Door("gst-launch-1.0");
  const wrong: [Door, string[], RegExp][] = [
    [
      none,
      [],
      /none of its programs is installed[^]*Try: install the program for this board: .*rpicam-apps-lite/,
    ],
    [none, ["--source", "csi:x"], /--source "csi:x": the camera's number is wrong[^]*Try: set --source csi /],
    [none, ["--source", "csi:-1"], /--source "csi:-1": the camera's number is wrong/],
    [
      none,
      ["--input-format", "mjpeg"],
      /--input-format applies to sources that ffmpeg reads[^]*Try: omit --input-format/,
    ],
    [none, ["--ffmpeg-options", "-re"], /--ffmpeg-options applies to sources that ffmpeg reads/],
    [jetson, ["--rate", "120"], /its sensor is slower than --rate at this --size[^]*Try: set a lower --rate/],
  ];
  for (const [door, args, said] of wrong) {
    const { code, stderr } = await door.ends(...args);
    assert.equal(code, 78, stderr);
    assert.match(stderr, said);
  }
  jetson.board.set({ lacks: "nvarguscamerasrc" });
  const { code, stderr } = await jetson.ends();
  assert.equal(code, 78);
  assert.match(stderr, /no element "nvarguscamerasrc"[^]*Try: install/);
});

Deno.test("a Jetson without its camera service is an error that names it", async () => {
  await using door = new Door("gst-launch-1.0");
  door.board.set({ camera: "no daemon" });
  const { code, stderr } = await door.ends();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /nvargus-daemon does not answer[^]*Try: restart it: sudo systemctl restart nvargus-daemon/,
  );
});
