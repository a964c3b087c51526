/** The settings of cameras with two streams. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { readSettings } from "../settings/read.ts";
import { SOURCE_SETTINGS } from "./camera.ts";
import { checkDetectSource } from "./main_stream.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

/** Checks flags; a password is accepted from the environment only. */
function check(...args: string[]) {
  const declared = { ...SOURCE_SETTINGS, ...SELECTION_SETTINGS };
  const env: Record<string, string> = {};
  const rest = args.filter((arg, at) => {
    const value = arg === "--source" || arg === "--detect-source" ? args[at + 1] : undefined;
    if (value) env[`HAARLEM_${arg.slice(2).replace("-", "_").toUpperCase()}`] = value;
    return !value && !/source$/.test(args[at - 1] ?? "");
  });
  checkDetectSource(readSettings("detector", declared, { args: rest, env }));
}

const [MAIN, SUB] = ["rtsp://user:hidden@10.0.0.7/main", "rtsp://user:hidden@10.0.0.7/sub"];

Deno.test("a sub stream is accepted beside a main stream or a snapshot address", () => {
  check();
  check("--source", "clip.mp4", "--once");
  check("--source", MAIN, "--detect-source", SUB);
  check("--source", "http://10.0.0.7/snap.jpg", "--detect-source", SUB, "--eyes", "on");
});

Deno.test("a sub stream without the main stream of a live camera is refused, with what to do", () => {
  const refused: [string[], RegExp][] = [
    [["--detect-source", SUB], /"\/dev\/video0" is not the address of a main stream/],
    [["--source", "csi", "--detect-source", SUB], /"csi" is not the address/],
    [["--source", "clip.mp4", "--detect-source", SUB], /"clip.mp4" is not the address/],
    [["--source", "file:///clip.mp4", "--detect-source", SUB], /is not the address/],
    [["--source", SUB, "--detect-source", SUB], /the same address/],
    [["--source", MAIN, "--detect-source", SUB, "--once"], /with --once/],
    [["--source", MAIN, "--detect-source", SUB, "--faces", "every"], /with --faces every/],
  ];
  for (const [args, message] of refused) {
    assert.throws(() => check(...args), (error) => {
      assert.ok(error instanceof ConfigError && error.hint, args.join(" "));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message + error.hint, /hidden/);
      return true;
    });
  }
});

Deno.test("what is no address of a camera is refused as a sub stream, and never shown", () => {
  for (
    const wrong of ["/dev/video0", "csi", "clip.mp4", "sample", "file:///x.mp4", "pipe:0", "concat://a|b"]
  ) {
    assert.throws(() => check("--source", MAIN, "--detect-source", wrong), /DETECT_SOURCE/, wrong);
  }
  assert.throws(() => check("--source", MAIN, "--detect-source", "rtsp://a:hid/den@h"), (error: Error) => {
    assert.doesNotMatch(error.message, /hid|den/);
    return true;
  });
});
