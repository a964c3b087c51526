/** No option of the user can make ffmpeg read or write anything but the source. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { readFfmpegOptions, splitWords } from "./ffmpeg_options.ts";
import { inFullSuite } from "../testing/skip.ts";

Deno.test("splitWords() splits as a shell does", inFullSuite(), async () => {
  const texts = [
    `-user_agent "My Cam 1.0"`,
    ` -a  b\t-c d `,
    `-a 'b c' -d "e 'f' g" -h 'i "j" k'`,
    `-a b\\ c -d "e\\"f" -g 'h\\i' -j "k\\l\\\\m"`,
    `-a "" -b ''`,
    `-a b"c d"'e f'g`,
    `-a "über\nall" -b '~ * %20'`,
  ];
  for (const text of texts) {
    const script = `set -f; for word in ${text}; do printf '%s\\0' "$word"; done`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
    const shell = new TextDecoder().decode(stdout).split("\0").slice(0, -1);
    assert.deepEqual(splitWords(text), shell, text);
  }
  assert.deepEqual(splitWords(" -a\nb "), ["-a", "b"]);
  assert.deepEqual(splitWords(" "), []);
});

Deno.test("splitWords() rejects an open quote and a final backslash", () => {
  for (const text of [`-a "b`, `-a 'b`, `"`, `-a "b\\"`]) {
    assert.throws(() => splitWords(text), /should be closed/, text);
  }
  assert.throws(() => splitWords("-a b\\"), /backslash/);
});

Deno.test("readFfmpegOptions() returns the words of input options", () => {
  const texts = [
    "-rtsp_transport udp",
    '-user_agent "My Cam 1.0" -headers "X-A: b"',
    "-analyzeduration 100000 -probesize 32 -fflags nobuffer -flags low_delay",
    "-f mpegts -c:v h264_v4l2m2m -hwaccel vaapi -hwaccel_device /dev/dri/renderD128",
    "-re -ss -5 -an -noautorotate -itsoffset -0.5",
    "-lowres 1",
    "-seekable -1",
  ];
  for (const text of texts) assert.deepEqual(readFfmpegOptions(text), splitWords(text), text);
});

// deno-fmt-ignore: a list
const REJECTED = [
  "-y out.mp4", "out.mp4", "-i x", "-report", "-an out.mp4", "-re out.mp4 -re", "-rtsp_transport udp out.mp4", "-nostdin x",
  "-f lavfi", "-f concat", "-f image2", "-f mp4:x", "-f", "-rtsp_transport", "-", '""', "--", "-- out.mp4", "--y",
  "-map 0 x", "-vf null", "-filter_complex x", "-progress file:x", "-vstats", "-vstats_file x", "-dump_attachment:t x",
  "-sdp_file x", "-passlogfile x", "-attach x", "-loglevel debug", "-v quiet", "-version", "-h", "-/filter x", "-noy x",
  "-stats_enc_pre x", "-print_graphs_file x", "-t:v", "-hide_banner x", "-benchmark x", "-xerror x", "pipe:1", "|x",
];

Deno.test("readFfmpegOptions() rejects words that could become an output, another input or a file", () => {
  for (const text of REJECTED) assert.throws(() => readFfmpegOptions(text), /should/, text);
});

Deno.test("an error shows no word that may be a secret", () => {
  const texts = [
    "-headers Authorization: Basic hunter2",
    "-password hunter2 hunter2",
    '-headers "X: hunter2" -y',
    '-headers "X: hunter2',
    "-headers=hunter2 x",
    "-f hunter-2 -x hunter2",
    "-discard hunter2",
  ];
  for (const text of texts) {
    assert.throws(() => readFfmpegOptions(text), (error: Error) => !/hunter/.test(error.message), text);
  }
});

/** ffmpeg's own input options with a value. */
const INPUT_OPTIONS =
  ("ss t to sseof itsoffset itsscale stream_loop readrate readrate_initial_burst readrate_catchup r s c codec vcodec " +
    "pix_fmt hwaccel hwaccel_device hwaccel_output_format init_hw_device vaapi_device qsv_device thread_queue_size " +
    "discard display_rotation").split(" ");

Deno.test(
  "ffmpeg's own options are not taken for those of a protocol or a codec",
  needs("ffmpeg"),
  async () => {
    const args = ["-hide_banner", "-h", "full"];
    const { stdout } = await new Deno.Command("ffmpeg", { args }).output();
    const [own] = new TextDecoder().decode(stdout).split(/^\S.* AVOptions:$/m);
    const names = Array.from(own.matchAll(/^-(\w+)(.*)$/gm), ([, name]) => name);
    assert.ok(names.length > 100);
    for (const name of names) {
      if (INPUT_OPTIONS.includes(name)) continue;
      assert.throws(() => readFfmpegOptions(`-${name} out.mp4`), /should/, name);
    }
  },
);

Deno.test("-discard accepts only ffmpeg's values: with others some versions crash", () => {
  for (const value of ["nokey", "all", "none"]) {
    assert.deepEqual(readFfmpegOptions(`-discard:v ${value}`), ["-discard:v", value]);
  }
  assert.throws(
    () => readFfmpegOptions("-discard nosuch"),
    /"-discard" should be followed by one of none, default/,
  );
});
