/** Timestamps of a clip's frames. */
import assert from "node:assert/strict";
import { FrameTimes, Timeline } from "./frame_times.ts";

Deno.test("FrameTimes takes lines with a time and no other lines", async () => {
  const times = new FrameTimes();
  const said = ["0.000000", "[info] 0.040000", "[Eval @ 0x7f79310802f0] [info] 15.200000", "-0.500000"];
  for (const line of [...said, "[info] nan", "-nan"]) assert.ok(times.add(line), line);
  for (const line of ["[h264 @ 0x1] [info] 1.000000 x", "1", "  0.040000", "[error] 0.040000", ""]) {
    assert.ok(!times.add(line), line);
  }
  const next = () => times.next();
  assert.deepEqual([await next(), await next(), await next(), await next()], [0, 40, 15_200, -500]);
  assert.deepEqual([await next(), await next()], [undefined, undefined]);
});

Deno.test("FrameTimes waits for a time until ffmpeg ends", async () => {
  const times = new FrameTimes();
  const waiting = times.next();
  times.add("1.500000");
  assert.equal(await waiting, 1_500);
  const never = times.next();
  times.end();
  assert.equal(await never, undefined);
  assert.equal(await times.next(), undefined);
});

Deno.test("Timeline never goes backwards, and places a frame without a time at the stream's rate", () => {
  const timeline = new Timeline();
  const placed = [0, undefined, 1_000, 500, undefined, 5_000].map((said, index) =>
    timeline.place(said, index * 40)
  );
  assert.deepEqual(placed, [0, 40, 1_000, 1_000, 1_040, 5_000]);
  assert.equal(new Timeline().place(undefined, 0), 0);
});
