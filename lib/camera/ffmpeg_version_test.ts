/** Versions of ffmpeg, and an ffmpeg that does not run. */
import assert from "node:assert/strict";
import { ConfigError, FatalError } from "../errors.ts";
import { dialectOf, versionAnswer } from "./ffmpeg_version.ts";
import { inFullSuite } from "../testing/skip.ts";

/** Outputs of `ffmpeg -version` and their dialect. */
const ANSWERS: [string, string][] = [
  ["ffmpeg version 3.4.11-0ubuntu0.1 Copyright (c) 2000-2022 the FFmpeg developers", "old"],
  ["ffmpeg version 3.4.2-static https://johnvansickle.com/ffmpeg/  Copyright (c) 2000-2018", "old"],
  ["ffmpeg version 4.0-static\nlibavutil      56. 14.100 / 56. 14.100", "levels"],
  ["ffmpeg version 4.2.7-0ubuntu0.1 Copyright (c) 2000-2022 the FFmpeg developers", "y4m"],
  ["ffmpeg version 4.3.9-0+deb11u1 Copyright (c) 2000-2025 the FFmpeg developers", "y4m"],
  ["ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021 the FFmpeg developers", "y4m"],
  ["ffmpeg version 5.0.1 Copyright (c) 2000-2022", "y4m"],
  ["ffmpeg version N-47683-g0e8eb07980-static\nlibavutil      56. 24.101 / 56. 24.101", "y4m"],
  ["ffmpeg version git-2020-01-01-abc\nlibavutil      56. 38.100 / 56. 38.100", "y4m"],
  ["ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers", "new"],
  ["ffmpeg version n9.0.2-17-g2a571b6068-20260930\nlibavutil      61.  1.102 / 61.  1.102", "new"],
  ["ffmpeg version n5.1-dev-1234-gabcdef0123\nlibavutil      57. 17.100 / 57. 17.100", "y4m"],
  ["ffmpeg version n5.1-dev-2345-gabcdef0123\nlibavutil      57. 28.100 / 57. 28.100", "new"],
  ["ffmpeg version 4.1-dev-static\nlibavutil      56. 18.100 / 56. 18.100", "levels"],
  ["ffmpeg version n5.2-dev", "new"],
  ["ffmpeg version 10.1", "new"],
  ["ffmpeg version 2024-08-04-git-eb3cc508d8\nlibavutil      59. 31.100 / 59. 31.100", "new"],
  ["", "new"],
  ["a wrapper that says nothing of versions", "new"],
];

const KINDS: Record<string, ReturnType<typeof dialectOf>> = {
  old: { saysLevels: false, passthrough: ["-vsync", "passthrough"], fullRangeY4m: false },
  levels: { saysLevels: true, passthrough: ["-vsync", "passthrough"], fullRangeY4m: false },
  y4m: { saysLevels: true, passthrough: ["-vsync", "passthrough"], fullRangeY4m: true },
  new: { saysLevels: true, passthrough: ["-fps_mode", "passthrough"], fullRangeY4m: true },
};

Deno.test("dialectOf() chooses options by release, and by libavutil where a build has no release", () => {
  for (const [answer, kind] of ANSWERS) assert.deepEqual(dialectOf(answer), KINDS[kind], answer);
});

Deno.test("dialectOf() rejects an ffmpeg before 3.4 and names both versions", () => {
  const builds = ["3.1-static", "3.3.9-1", "2.8.17-0ubuntu0.1", "N-81741-g1212e34-static"];
  for (const name of builds) {
    assert.throws(
      () => dialectOf(`ffmpeg version ${name}\nlibavutil      55. 30.100 / 55. 30.100`),
      (error) =>
        error instanceof ConfigError &&
        error.message === `ffmpeg "${name}" is too old: should be 3.4 or newer`,
    );
  }
});

/** Starts a shell in the place of ffmpeg. */
const shell = (script: string) => (args: readonly string[], options: Deno.CommandOptions) =>
  new Deno.Command("sh", { args: ["-c", script, "ffmpeg", ...args], stdin: "null", ...options }).spawn();

Deno.test("versionAnswer() returns the output, whatever the exit code", inFullSuite(), async () => {
  for (const code of [0, 1]) {
    const script = `[ "$*" = -version ] && echo "ffmpeg version 4.2.2 of $#"; exit ${code}`;
    assert.equal(await versionAnswer(shell(script)), "ffmpeg version 4.2.2 of 1\n");
  }
});

Deno.test(
  "versionAnswer() accepts an ffmpeg without a version: it reports its reason for the source",
  inFullSuite(),
  async () => {
    for (const script of ["exit 0", "exit 3", "echo '/dev/video0: Device or resource busy' >&2; exit 1"]) {
      assert.equal(await versionAnswer(shell(script)), "");
    }
  },
);

Deno.test(
  "an ffmpeg without an answer in time is a FatalError, and is ended",
  inFullSuite(),
  async () => {
    let child: Deno.ChildProcess;
    const start = (...given: Parameters<ReturnType<typeof shell>>) =>
      child = shell("exec sleep 1000")(...given);
    await assert.rejects(versionAnswer(start, 1), (error) => {
      assert.ok(error instanceof FatalError, String(error));
      assert.equal(error.message, "ffmpeg does not answer: it printed no version within 0.001 s");
      assert.match(error.hint!, /^run ffmpeg -version/);
      return true;
    });
    assert.equal((await child!.status).signal, "SIGTERM");
  },
);

Deno.test(
  "an ffmpeg that cannot be executed is a ConfigError, whatever its exit code",
  inFullSuite(),
  async () => {
    const cases: [script: string, last: string][] = [
      [
        "echo \"ffmpeg: /lib/libc.so.6: version 'GLIBC_2.34' not found\" >&2; exit 1",
        "ffmpeg: /lib/libc.so.6: version 'GLIBC_2.34' not found",
      ],
      [
        "echo first >&2; echo 'error while loading shared libraries: libx' >&2; exit 127",
        "error while .*: libx",
      ],
      ["echo 'ffmpeg: 1: Syntax error: \")\" unexpected' >&2; exit 2", "ffmpeg: 1: Syntax error.*"],
      ["exit 126", "exit code 126"],
      ["kill -ILL $$", "it was ended by SIGILL"],
    ];
    for (const [script, last] of cases) {
      await assert.rejects(versionAnswer(shell(script)), (error) => {
        assert.ok(error instanceof ConfigError, `${script}: ${error}`);
        assert.match(error.message, new RegExp(`^ffmpeg does not start: ${last}$`));
        assert.match(error.hint!, /^install ffmpeg/);
        return true;
      });
    }
  },
);

Deno.test(
  "an ffmpeg that another program ends is a FatalError: a later start may succeed",
  inFullSuite(),
  async () => {
    await assert.rejects(versionAnswer(shell("kill -KILL $$")), (error) => {
      assert.ok(error instanceof FatalError, String(error));
      assert.equal(error.message, "ffmpeg does not start: it was ended by SIGKILL");
      return true;
    });
  },
);
