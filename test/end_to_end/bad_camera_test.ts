/** Cameras and ffmpegs that are missing, busy, frozen or damaged: each ends in one message with its cause, or is waited for. */
import assert from "node:assert/strict";
import { needsRoot } from "../../lib/testing/skip.ts";
import { needs } from "../needs.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { ends, InputFolder } from "./input_folder.ts";

/** Longer than a busy machine stops a program now and then: only a camera that gives nothing has stalled. */
const STALL = ["--stall", "5"];

Deno.test("a detector without its camera, file or ffmpeg ends with an error that names it", async () => {
  using folder = new InputFolder();
  const out = ["--once", "--out", `${folder.path}/out`];
  await ends("detector", ["--source", "/dev/video99", ...out], {
    code: 1,
    says: /no camera at "\/dev\/video99"\nTry: /,
  });
  await ends("detector", ["--source", "gone.mp4", ...out], {
    code: 78,
    says: /"gone.mp4": no such file\nTry: /,
  });
  const clip = folder.write("clip.mp4", "\0x");
  const noFfmpeg = { PATH: "/nowhere" };
  await ends("detector", ["--source", clip, ...out], {
    code: 78,
    says: /"ffmpeg".* is not installed\nTry: run sudo apt-get install ffmpeg/,
    env: noFfmpeg,
  });
});

Deno.test(
  "a detector starts ffmpeg without the loader's variables, and clips are read",
  needs("ffmpeg"),
  async () => {
    using folder = new InputFolder();
    const clip = folder.write("clip.mp4", "\0x");
    const source = ["--source", clip, "--once", "--out", `${folder.path}/out`];
    const set = { LD_LIBRARY_PATH: "/usr/local/cuda/lib64", LD_PRELOAD: "", LD_BIND_NOW: "1", LD_OTHER: "1" };
    await ends("detector", source, { code: 1, says: /neither a video nor a picture/, env: set });
  },
);

Deno.test("an ffmpeg that is too old, or lacks an option, is an error of the settings and not of the camera", async () => {
  using folder = new InputFolder();
  const camera = ["--source", "/dev/null", "--out", `${folder.path}/out`];
  const old = "echo 'ffmpeg version 3.3.9-1ubuntu1 Copyright (c) 2000-2018 the FFmpeg developers'";
  await ends("detector", camera, {
    code: 78,
    says: /ffmpeg "3.3.9-1ubuntu1" is too old: should be 3.4 or newer\nTry: /,
    env: folder.ffmpeg("", { answer: old }),
  });
  for (
    const complaint of [
      "Unrecognized option 'fps_mode'.\nError splitting the argument list: Option not found",
      "Option input_format not found.",
      "[in#0 @ 0x55a124cbed00] Unknown input format: 'v4l2'",
    ]
  ) {
    await ends("detector", camera, {
      code: 78,
      says: /ffmpeg rejects an option: .*\nTry: check --ffmpeg-options/,
      env: folder.ffmpeg(`printf '%b\\n' "${complaint}" >&2; exit 1`),
    });
  }
  for (
    const [code, complaint] of [
      [127, "ffmpeg: error while loading shared libraries: libavdevice.so.58"],
      [1, "ffmpeg: /lib/libc.so.6: version `GLIBC_2.34' not found"],
    ] as const
  ) {
    await ends("detector", camera, {
      code: 78,
      says:
        /ffmpeg does not start: ffmpeg: (error.*libavdevice.so.58|.*GLIBC_2.34' not found)\nTry: install ffmpeg/,
      env: folder.ffmpeg("", {
        answer: `echo ${JSON.stringify(complaint).replace("`", "\\`")} >&2; exit ${code}`,
      }),
    });
  }
});

Deno.test("an ffmpeg that exists and does not start is not reported as not installed", async () => {
  using folder = new InputFolder();
  const source = ["--source", "/dev/null", "--out", `${folder.path}/out`];
  const cases: [content: string | undefined, mode: number, says: RegExp][] = [
    [
      "#!/bin/sh\n",
      0o644,
      /not allowed to start ".*\/ffmpeg": this user may not execute it\nTry: run sudo chmod/,
    ],
    [
      undefined,
      0o755,
      /cannot start ".*\/ffmpeg": it is a folder, not a program\nTry: remove the folder/,
    ],
    ["#!/no/such\n", 0o755, /cannot start ".*\/ffmpeg": its interpreter or loader.*\nTry: run sudo apt-get/],
    // Deno 2.9 leaves it to the shell, which does not understand it.
    ["\x7fELF\x02\x01\x01\0\0", 0o755, /cannot start "ffmpeg": it is damaged|ffmpeg does not start: /],
  ];
  for (const [content, mode, says] of cases) {
    const path = `${folder.path}/${mode}${content?.length}`;
    Deno.mkdirSync(path);
    if (content === undefined) Deno.mkdirSync(`${path}/ffmpeg`);
    else folder.write(`${mode}${content.length}/ffmpeg`, content, mode);
    await ends("detector", source, { code: 78, says, env: { PATH: path } });
  }
});

Deno.test("a camera that is busy, forbidden, frozen or no camera is an error with its cause", async () => {
  using folder = new InputFolder();
  const camera = ["--source", "/dev/null", "--once", "--out", `${folder.path}/out`];
  const complains = (text: string) => folder.ffmpeg(`echo '/dev/null: ${text}' >&2; exit 1`);
  await ends("detector", camera, {
    code: 1,
    says: /in use by another program\nTry: run fuser -v \/dev\/null/,
    env: complains("Device or resource busy"),
  });
  await ends("detector", camera, {
    code: 1,
    says: /no permission.*\nTry: .*video/,
    env: complains("Permission denied"),
  });
  await ends("detector", camera, {
    code: 1,
    says: /cannot read.*Inappropriate ioctl/,
    env: complains("Inappropriate ioctl for device"),
  });
  await ends("detector", [...camera, ...STALL], {
    code: 1,
    says: /gave no frame for 5 s/,
    env: folder.ffmpeg("exec sleep 100"),
  });
});

Deno.test("a detector waits for a camera that freezes or is unplugged later, and leaves no ffmpeg behind", async () => {
  using folder = new InputFolder();
  const frame =
    "printf 'YUV4MPEG2 W64 H64 F30:1 C420mpeg2\\n'; for n in 1 2 3; do printf 'FRAME\\n'; head -c 6144 /dev/zero; done";
  const env = folder.ffmpeg(`echo $$ >>${folder.path}/pids; ${frame}; exec sleep 1000`);
  const args = ["--source", "/dev/null", "--out", `${folder.path}/out`, ...STALL];
  await using detector = new RunningProgram("detector", args, { env });
  await detector.printed(/camera is lost: "\/dev\/null" gave no frame for 5 s; retrying/);
  await detector.printed(/camera is back/);
  detector.signal("SIGTERM");
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0);
  assert.ok(Number(/frames=(\d+)/.exec(stderr)?.[1]) >= 2, stderr);
  for (const pid of (await Deno.readTextFile(`${folder.path}/pids`)).trim().split("\n")) {
    assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  }
});

Deno.test("a detector waits for a camera that sends data but no key frame yet, without opening it again", async () => {
  using folder = new InputFolder();
  const complaint = "echo '[h264 @ 0x1] [error] non-existing PPS 0 referenced' >&2; sleep 0.2";
  const frames =
    "printf 'YUV4MPEG2 W64 H64 F30:1 C420mpeg2\\nFRAME\\n'; head -c 6144 /dev/zero; exec sleep 1000";
  // The key frame comes after the detector has said that it waits for one.
  const waits = folder.write("waits", "");
  const env = folder.ffmpeg(`while [ -e ${waits} ]; do ${complaint}; done; ${frames}`);
  const args = ["--source", "/dev/null", "--out", `${folder.path}/out`, ...STALL];
  await using detector = new RunningProgram("detector", args, { env });
  await detector.printed(/waiting for the camera: "\/dev\/null" sends data but no key frame yet/);
  Deno.removeSync(waits);
  await detector.printed(/the camera is back/);
  await detector.printed(/first frame/);
  await detector.printed(/the camera is lost: "\/dev\/null" gave no frame for 5 s; retrying/);
  assert.equal(detector.stderr.match(/waiting for the camera/g)?.length, 1);
  detector.signal("SIGTERM");
  await detector.ended();
});

Deno.test("a device that Deno may not read is opened by ffmpeg", needsRoot(), async () => {
  // Deno 2.9 may read only a few names in /dev; other cameras must not count as missing.
  using folder = new InputFolder();
  const device = await Deno.makeTempFile({ dir: "/dev", prefix: "haarlem-test-" });
  try {
    const env = folder.ffmpeg("echo 'Device or resource busy' >&2; exit 1");
    await ends("detector", ["--source", device, "--out", `${folder.path}/out`], {
      code: 1,
      says: /in use by another/,
      env,
    });
  } finally {
    await Deno.remove(device);
  }
});

for (const status of [401, 403]) {
  Deno.test(
    `the error for a camera that answers ${status} names user name and password`,
    needs("ffmpeg"),
    async () => {
      using folder = new InputFolder();
      await using server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen: () => {} },
        () => new Response(null, { status }),
      );
      const source = `http://127.0.0.1:${server.addr.port}/video`;
      await ends("detector", ["--source", source, "--once", "--out", folder.path], {
        code: 1,
        says: /refuses the user name or password/,
      });
    },
  );
}
