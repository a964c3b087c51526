/** The programs that list the formats of a device, and those that hold it. */
import assert from "node:assert/strict";
import { skipUnless } from "../testing/skip.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { deviceFormats } from "./device_formats.ts";
import { deviceHolders } from "./device_holders.ts";

const { signal } = new AbortController();
const isThere = (path: string) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
};
const hasFuser = skipUnless(
  isThere("/usr/bin/fuser"),
  "the holders of a camera",
  "install what Debian calls psmisc",
);

Deno.test(
  "a device that is no camera has no formats",
  skipUnless(isThere("/usr/bin/ffmpeg"), "formats by ffmpeg", "run deno task setup"),
  async () => {
    assert.equal(await deviceFormats("/dev/null", { signal }), undefined);
    assert.equal(await deviceFormats("/dev/null", { signal: AbortSignal.abort() }), undefined);
  },
);

Deno.test("the holder of a file is named by its program, and a free one has none", hasFuser, async () => {
  using folder = new TempFolder();
  const path = folder.write("video0", "");
  assert.deepEqual(await deviceHolders(path, { signal }), []);
  const child = new Deno.Command("tail", { args: ["-f", path], stdin: "null", stdout: "piped" }).spawn();
  try {
    let holders = await deviceHolders(path, { signal });
    while (holders.length === 0) holders = await deviceHolders(path, { signal });
    assert.deepEqual(holders, [{ pid: child.pid, name: "tail" }]);
  } finally {
    child.kill("SIGKILL");
    await child.stdout.cancel();
    await child.status;
  }
});
