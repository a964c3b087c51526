/** CSI cameras, on stand-ins for the programs of the boards (test/servers/csi_stand_in.ts). */
import assert from "node:assert/strict";
import { CsiBoard, type CsiStandIn } from "../../test/servers/csi_board.ts";
import { ConfigError, FatalError } from "../errors.ts";
import type { Frame } from "../image/frame.ts";
import { csiCamera, isCsi } from "./csi_camera.ts";
import { inFullSuite } from "../testing/skip.ts";
import { TempFolder } from "../testing/temp_folder.ts";

const never = new AbortController().signal;
const OPTIONS = { ffmpegOptions: [], stallMs: 0 };

/** Sets PATH of this process, on which programs are found, to that of a board. */
class OnBoard implements Disposable {
  readonly #path = Deno.env.get("PATH")!;

  constructor({ env }: { readonly env: Record<string, string> }) {
    Deno.env.set("PATH", env.PATH);
  }

  [Symbol.dispose](): void {
    Deno.env.set("PATH", this.#path);
  }
}

async function firstFrame(
  options: Partial<Parameters<typeof csiCamera>[1]> = {},
  source = "csi",
): Promise<Frame> {
  for await (const frame of csiCamera(source, { ...OPTIONS, ...options }).frames({ signal: never })) {
    return frame;
  }
  throw new Error("no frame");
}

Deno.test("isCsi() accepts csi and csi:…, and csiCamera() only a number", () => {
  for (const source of ["csi", "csi:0", "csi:1"]) assert.equal(csiCamera(source, OPTIONS).name, source);
  for (const source of ["csi:", "csi:x", "csi:-1", "csi:1.5", "csi:1 ", "csi://0", "csi:999"]) {
    assert.ok(isCsi(source));
    assert.throws(() => csiCamera(source, OPTIONS), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError, source);
      assert.match(error.message, /the camera's number is wrong/);
      return error.hint!.startsWith("set --source csi ");
    });
  }
  for (const source of ["csi.mp4", "csicam", "/dev/video0", "CSI"]) assert.ok(!isCsi(source), source);
});

Deno.test("csiCamera() rejects settings of ffmpeg and a size over the limit", () => {
  const refused = (options: Partial<Parameters<typeof csiCamera>[1]>, message: RegExp) =>
    assert.throws(() => csiCamera("csi", { ...OPTIONS, ...options }), (error: ConfigError) => {
      assert.match(error.message, message);
      return error instanceof ConfigError && error.hint !== undefined;
    });
  refused({ inputFormat: "mjpeg" }, /--input-format applies to sources that ffmpeg reads/);
  refused({ ffmpegOptions: ["-x"] }, /--ffmpeg-options applies to sources that ffmpeg reads/);
  refused({ size: { width: 99_999, height: 99_999 } }, /--size "99999x99999": more than 33 million pixels/);
});

for (const program of ["rpicam-vid", "libcamera-vid", "gst-launch-1.0"] as const satisfies CsiStandIn[]) {
  Deno.test(`${program}: frames have exactly the requested size and rotation`, inFullSuite(), async () => {
    using board = new CsiBoard(program);
    using _ = new OnBoard(board);
    for (const [width, height] of [[640, 480], [706, 482], [701, 501]]) {
      for (const rotate of [0, 90] as const) {
        const frame = await firstFrame({ size: { width, height }, rotate });
        const expected = rotate === 0 ? [width, height] : [height, width];
        assert.deepEqual([frame.width, frame.height], expected);
        assert.ok(frame.pixels.kind === "yuv420");
        const { y, u, v, matrix, fullRange } = frame.pixels;
        assert.equal(y.length, width * height);
        assert.equal(u.length, Math.ceil(width / 2) * Math.ceil(height / 2));
        assert.equal(v.length, u.length);
        assert.deepEqual([matrix, fullRange], ["bt601", program !== "gst-launch-1.0"]);
        // The wall is in all four corners: rows are aligned and without padding.
        const wall = fullRange ? 128 : Math.round(16 + 128 * 219 / 255);
        const corners = [0, frame.width - 1, y.length - frame.width, y.length - 1];
        assert.deepEqual(corners.map((at) => y[at]), [wall, wall, wall, wall]);
        assert.deepEqual([u[0], u.at(-1), v[0], v.at(-1)], [128, 128, 128, 128]);
      }
    }
    assert.ok(!board.isReading, "the program has ended");
  });
}

Deno.test("the first installed program reads the camera", inFullSuite(), async () => {
  using board = new CsiBoard("gst-launch-1.0", "libcamera-vid");
  using _ = new OnBoard(board);
  await firstFrame();
  assert.equal(board.calls[0][0], "libcamera-vid");
});

Deno.test("a size that the camera changes is a ConfigError with both sizes", inFullSuite(), async () => {
  using board = new CsiBoard("rpicam-vid");
  using _ = new OnBoard(board);
  await assert.rejects(firstFrame({ size: { width: 3840, height: 2160 } }), (error: ConfigError) => {
    assert.match(error.message, /gives 3280x2160, not 3840x2160/);
    return error instanceof ConfigError;
  });
});

Deno.test("a description that is read late applies to the frames after it", inFullSuite(), async () => {
  using folder = new TempFolder();
  const waits = folder.write("waits", "");
  const frame = "head -c 12288 /dev/zero";
  const description = "[0:1.2] [7] INFO Camera camera.cpp:1 configuring streams: (0) 128x64-YUV420/Rec709";
  const script = [
    "#!/bin/sh",
    "PATH=/usr/bin:/bin",
    frame,
    `while [ -e ${waits} ]; do sleep 0.1; done`,
    `echo '${description}' >&2`,
    `for n in 1 2 3 4 5 6 7 8 9 10; do ${frame}; sleep 0.1; done`,
  ];
  folder.write("rpicam-vid", script.join("\n"), 0o755);
  using _ = new OnBoard({ env: { PATH: folder.path } });
  const matrices: (string | undefined)[] = [];
  const camera = csiCamera("csi", { ...OPTIONS, size: { width: 128, height: 64 } });
  for await (const { pixels } of camera.frames({ signal: never })) {
    assert.ok(pixels.kind === "yuv420");
    matrices.push(pixels.matrix);
    if (matrices.length === 1) Deno.removeSync(waits);
    if (matrices.length === 11 || pixels.matrix === "bt709") break;
  }
  assert.deepEqual([matrices[0], matrices.at(-1)], ["bt601", "bt709"]);
});

Deno.test("the memory of a released frame is reused", inFullSuite(), async () => {
  using board = new CsiBoard("rpicam-vid");
  using _ = new OnBoard(board);
  const memories = new Set<ArrayBufferLike>();
  let frames = 0;
  const camera = csiCamera("csi", { ...OPTIONS, size: { width: 300, height: 200 }, rotate: 90, rate: 200 });
  for await (const { pixels, release } of camera.frames({ signal: never })) {
    assert.ok(pixels.kind === "yuv420");
    memories.add(pixels.y.buffer);
    release!();
    if (++frames === 5) break;
  }
  assert.equal(memories.size, 1);
});

Deno.test("an abort ends the program, even a frozen one", inFullSuite(), async () => {
  for (const camera of ["connected", "frozen"] as const) {
    using board = new CsiBoard("gst-launch-1.0");
    using _ = new OnBoard(board);
    const stopping = new AbortController();
    for await (const frame of csiCamera("csi", OPTIONS).frames(stopping)) {
      frame.release?.();
      board.set({ camera });
      stopping.abort();
    }
    assert.ok(!board.isReading, camera);
  }
});

/** What happens to the program of a camera, and the reason that is reported. */
const FAULTS: Readonly<Record<string, readonly [(board: CsiBoard) => void, reason: string]>> = {
  "a frozen camera": [(board) => board.set({ camera: "frozen" }), "no frame for 8 s"],
  "a program that is killed": [(board) => board.kill(), "SIGKILL ended rpicam-vid"],
};

for (const [what, [happen, reason]] of Object.entries(FAULTS)) {
  Deno.test(`${what} is started again, and the reason reported`, inFullSuite(), async () => {
    using board = new CsiBoard("rpicam-vid");
    using _ = new OnBoard(board);
    const stopping = new AbortController();
    const changes: string[] = [];
    const camera = csiCamera("csi", {
      ...OPTIONS,
      stallMs: 8_000, // The program may take seconds to start.
      onChange: (change) => {
        changes.push(change.lost ? change.reason : "back");
        if (change.lost) board.set({ camera: "connected" });
      },
    });
    let frames = 0;
    for await (const _frame of camera.frames(stopping)) {
      if (frames++ === 0) happen(board);
      if (changes.length === 2) stopping.abort();
    }
    assert.deepEqual(changes, [`cannot read the camera "csi": ${reason}`, "back"]);
    assert.equal(board.calls.length, 2);
  });
}

Deno.test(
  "without any of the programs the error names the package of each board",
  inFullSuite(),
  async () => {
    using board = new CsiBoard();
    using _ = new OnBoard(board);
    await assert.rejects(firstFrame(), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError);
      assert.match(
        error.message,
        /none of its programs is installed \(rpicam-vid, libcamera-vid, gst-launch-1\.0\)/,
      );
      for (const name of ["rpicam-apps-lite", "libcamera-apps-lite", "nvidia-l4t-gstreamer"]) {
        assert.ok(error.hint!.includes(name));
      }
      return true;
    });
  },
);

Deno.test("a missing camera at the start is a FatalError", inFullSuite(), async () => {
  using board = new CsiBoard("rpicam-vid");
  using _ = new OnBoard(board);
  board.set({ camera: "unplugged" });
  await assert.rejects(
    firstFrame(),
    (error) => error instanceof FatalError && /no camera is connected/.test(error.message),
  );
});
