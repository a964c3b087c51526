/** The programs on a terminal of their own: the living line, colours, widths, and the log above it. */
import assert from "node:assert/strict";
import { run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { skipIfAny } from "../../lib/testing/skip.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { sourceCommand } from "../../lib/demo/child.ts";
import { needs } from "../needs.ts";
import { needsTerminal, PseudoTerminal } from "../servers/pseudo_terminal.ts";

/** The command line of a detector that watches the sample and writes into a folder. */
function detector(folder: string, ...args: string[]): string {
  const source = args.includes("--source") ? [] : ["--source", "sample"];
  return [...sourceCommand("detector"), ...source, "--camera", "front", "--out", folder, ...args]
    .join(" ");
}

const STATUS = /^[●◆○] front {2}/;

Deno.test(
  "a detector draws one line below its log, and fits it when the terminal becomes narrower",
  needsTerminal(),
  async () => {
    using folder = new TempFolder();
    await using terminal = new PseudoTerminal(detector(folder.at("faces"), "--faces", "every"), {
      columns: 80,
    });
    // On a busy machine a face waits for a moment, and the last line may be drawn in part.
    const wide = /^● front {2}\d+\.\d fps · [\d.]+ ms · \d+ faces? · 0 waiting · last \d\d:\d\d:\d\d$/;
    const lines = await until(async () => {
      const lines = await terminal.shown();
      return wide.test(lines.at(-1) ?? "") && lines;
    }, "the line has all its parts");
    assert.equal(lines.filter((line) => STATUS.test(line)).length, 1);
    assert.match(lines[0], /^\S+Z detector: first frame source=sample size=640x480$/);
    assert.ok(terminal.written.includes("\x1b[32m●"));
    await terminal.resize(40);
    const narrow = /^● front {2}\d+\.\d fps · \d+ faces? · 0 waiting$/;
    await until(
      async () => narrow.test((await terminal.shown()).at(-1)!),
      "the line loses the milliseconds and the time",
    );
  },
);

Deno.test("with NO_COLOR nothing that is written has an escape code", needsTerminal(), async () => {
  using folder = new TempFolder();
  await using terminal = new PseudoTerminal(detector(folder.at("faces"), "--faces", "every"), {
    env: { NO_COLOR: "1" },
  });
  await terminal.wrote(/●.*front.* fps.* faces?.*last \d\d:/);
  await terminal.wrote(/\r +\r/); // The line is erased by spaces.
  assert.ok(!terminal.written.includes("\x1b"), terminal.written);
});

Deno.test("with TERM=dumb a terminal gets lines only", needsTerminal(), async () => {
  using folder = new TempFolder();
  await using terminal = new PseudoTerminal(detector(folder.at("faces"), "--once"), {
    env: { TERM: "dumb" },
  });
  assert.equal(await terminal.ended(), 0);
  assert.ok(!terminal.written.includes("\x1b") && !terminal.written.includes("●"), terminal.written);
});

Deno.test(
  "a clip has a bar, and a summary that names the folder of the faces",
  skipIfAny(needsTerminal(), needs("ffmpeg")),
  async () => {
    using folder = new TempFolder();
    const [short, long] = [folder.at("short.mkv"), folder.at("a long street.mkv")];
    const picture = inProject("lib/camera/sample/astronaut.png");
    await run("ffmpeg", ["-v", "error", "-loop", "1", "-framerate", "30", "-t", "3", "-i", picture, short]);
    // However fast the machine is, the line is drawn many times before the end of ten minutes.
    await run("ffmpeg", ["-v", "error", "-stream_loop", "199", "-i", short, "-c", "copy", long]);
    const faces = folder.at("faces");
    const watch = (clip: string) =>
      new PseudoTerminal(detector(faces, "--once", "--source", `"${clip}"`, "--confirm", "1/1"), {
        columns: 140,
        env: { NO_COLOR: "1", HAARLEM_FACES: "best" },
      });
    {
      await using bar = watch(long);
      await bar.wrote(/\ra long street\.mkv {2}━*╸─+ {2}\d+ % · [\d.]+ fps · .* left · \d faces?/);
    }
    await using terminal = watch(short);
    assert.equal(await terminal.ended(), 0, terminal.written);
    const lines = await terminal.shown();
    assert.match(lines.at(-1)!, /^✓ 90 frames in [\d.]+ s \(\d+(\.\d)? fps\)\. \d faces? from 1 visit in /);
    assert.match(lines.at(-1)!.replace(faces, "faces"), / in faces\/\d{4}-\d\d-\d\d\.$/);
  },
);
