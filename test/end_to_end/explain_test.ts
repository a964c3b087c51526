/** `detector --once --explain`: annotated frames, and the reasons in the last line of the log. */
import assert from "node:assert/strict";
import { decodePicture } from "../../lib/camera/decode_picture.ts";
import { readJpeg } from "../../lib/image/jpeg.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { runProgram } from "../servers/run_program.ts";

Deno.test("--once --explain writes each frame with a detection, and counts why it is not sent", async () => {
  using folder = new TempFolder();
  const run = async (...args: string[]) => {
    const { stderr, code } = await runProgram("detector", [
      ...["--source", "sample", "--once", "--out", folder.at("out"), "--explain", folder.at("explained")],
      ...args,
    ]);
    const names = Array.from(Deno.readDirSync(folder.at("explained")), ({ name }) => name).sort();
    return { stderr, code, names };
  };
  const { stderr, names } = await run("--min-size", "150", "--motion", "off");
  assert.match(stderr, /done frames=36 .* detections=0 .*tooSmall=\d\d/);
  assert.ok(names.length >= 15 && names.every((name) => /^0000\d\d\.jpg$/.test(name)), String(names));
  const jpeg = await Deno.readFile(folder.at("explained") + `/${names[5]}`);
  assert.deepEqual(readJpeg(jpeg), { width: 640, height: 480 });
  const { pixels } = await decodePicture("x.jpg", jpeg, { signal: new AbortController().signal });
  assert.ok(pixels.kind === "yuv420" || pixels.kind === "rgb24");
  const again = await run();
  assert.equal(again.code, 78, again.stderr);
  assert.match(
    again.stderr,
    /--explain ".*explained" has frames of an earlier run, such as "0000\d\d\.jpg"\nTry: remove them, or/,
  );
  assert.deepEqual(again.names, names);
});
