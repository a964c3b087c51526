/** With every ffmpeg from 3.4 to 9 the detector finds the same faces as with this machine's. Only in test:systems. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { output } from "../../lib/testing/command.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { skipUnless } from "../../lib/testing/skip.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { runProgram } from "../servers/run_program.ts";
import { detectorArguments, facesIn, outFolder } from "./boxes.ts";
import { makeClips } from "./clips.ts";
import { bring, BUILDS, TOO_OLD } from "./ffmpegs.ts";

const fetched = skipUnless(
  Boolean(Deno.env.get("HAARLEM_SYSTEMS")) && Deno.build.arch === "x86_64",
  "other versions of ffmpeg",
  "run deno task test:systems on x86_64",
);

/** The faces that the detector finds with the ffmpeg that is first on this PATH. */
async function findFaces(folder: string, clip: string, ffmpeg?: string): Promise<string[]> {
  const out = outFolder(folder, `${clip} ${ffmpeg?.replaceAll("/", " ") ?? "here"}`);
  const env: Record<string, string> = ffmpeg ? { PATH: `${ffmpeg}:${Deno.env.get("PATH")}` } : {};
  const { code, stderr } = await runProgram("detector", detectorArguments(join(folder, clip), out), { env });
  assert.equal(code, 0, stderr);
  return await facesIn(out);
}

for (const build of BUILDS) {
  Deno.test(
    `with ffmpeg ${build.version} (${build.like}) the detector finds the same faces in clips`,
    fetched,
    async () => {
      const ffmpeg = await bring(build);
      await inFolder(async (folder) => {
        for (const clip of await makeClips(folder)) {
          const expected = await findFaces(folder, clip);
          assert.ok(expected.length >= 5, clip);
          assert.deepEqual(await findFaces(folder, clip, ffmpeg), expected, clip);
        }
      });
    },
  );
}

for (const build of BUILDS) {
  Deno.test(
    `ffmpeg ${build.version} (${build.like}) reads files by their bytes, gives the times of frames and decodes on demand`,
    fetched,
    async () => {
      const tests = [
        "clip_times",
        "file_camera",
        "snapshot_camera",
        "address_camera",
        "camera_jpeg",
        "on_demand_camera",
        "on_demand_faults",
        "whole_picture",
        "matroska_packets",
        // These tests serve MPEG-TS, on which the static build of 7.0.2 always ends with SIGSEGV, and that of 4.2.2 at times.
        ...["4.2.2", "7.0.2"].includes(build.version) ? [] : ["copied_stream", "main_stream"],
      ]
        .map((name) => `lib/camera/${name}_test.ts`);
      const { success, stdout, stderr } = await output(
        Deno.execPath(),
        ["test", "-A", "--quiet", ...tests],
        { cwd: ROOT, env: { PATH: `${await bring(build)}:${Deno.env.get("PATH")}` } },
      );
      assert.ok(success, stdout + stderr);
    },
  );
}

/** Options that every version refuses, each with its own message. */
const WRONG_OPTIONS = [
  "-hwaccel cuda",
  "-hwaccel drm",
  "-hwaccel nosuch",
  "-init_hw_device nosuch",
  "-ss abc",
  "-r abc",
  "-itsoffset x",
  "-discard nosuch",
  "-c:v nosuch",
  "-f nosuch",
];

for (const build of BUILDS) {
  Deno.test(`ffmpeg ${build.version} with a wrong option ends the detector with 78`, fetched, async () => {
    const ffmpeg = await bring(build);
    await inFolder(async (folder) => {
      const [clip] = await makeClips(folder);
      const env = { PATH: `${ffmpeg}:${Deno.env.get("PATH")}` };
      for (const option of WRONG_OPTIONS) {
        const args = detectorArguments(join(folder, clip), outFolder(folder, clip));
        const { code, stderr } = await runProgram("detector", [...args, "--ffmpeg-options", option], { env });
        assert.equal(code, 78, `${option}: ${stderr}`);
        assert.match(stderr, /ffmpeg-options/, option);
      }
    });
  });
}

Deno.test(
  "the error of an ffmpeg that is too old has its version and the required one",
  fetched,
  async () => {
    const ffmpeg = await bring(TOO_OLD);
    await inFolder(async (folder) => {
      const [clip] = await makeClips(folder);
      const env = { PATH: `${ffmpeg}:${Deno.env.get("PATH")}` };
      const args = detectorArguments(join(folder, clip), outFolder(folder, clip));
      const { code, stderr } = await runProgram("detector", args, { env });
      assert.equal(code, 78, stderr);
      assert.match(
        stderr,
        /ffmpeg "3.1-static" is too old: should be 3.4 or newer\nTry: install ffmpeg 3.4 or newer/,
      );
    });
  },
);

/** Replaces ffmpeg 3.4: refuses the options that it does not have, and otherwise runs this machine's ffmpeg. */
const LIKE_3_4 = (ffmpeg: string) =>
  `#!/bin/sh
case " $* " in
  *' -version '*) echo 'ffmpeg version 3.4.11-0ubuntu0.1 Copyright (c) 2000-2022 the FFmpeg developers'; exit 0 ;;
  *' -fps_mode '*) printf "Unrecognized option 'fps_mode'.\\nError splitting the argument list: Option not found\\n" >&2; exit 1 ;;
  *' level+info '*) echo 'Invalid loglevel "level+info". Possible levels are numbers or:' >&2; exit 1 ;;
  *' yuv4mpegpipe '*) echo 'ERROR: yuv4mpeg can only handle yuv444p, yuv422p, yuv420p, yuv411p and gray8' >&2; exit 1 ;;
esac
exec ${ffmpeg} "$@"
`;

Deno.test(
  "with the options of ffmpeg 3.4 only, the detector finds the same faces",
  needs("ffmpeg"),
  async () => {
    await inFolder(async (folder) => {
      await Deno.mkdir(join(folder, "old"));
      await Deno.writeTextFile(join(folder, "old/ffmpeg"), LIKE_3_4(findParts().ffmpeg!), { mode: 0o755 });
      for (const clip of await makeClips(folder)) {
        const expected = await findFaces(folder, clip);
        assert.ok(expected.length >= 5, clip);
        assert.deepEqual(await findFaces(folder, clip, join(folder, "old")), expected, clip);
      }
    });
  },
);

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "clips-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
