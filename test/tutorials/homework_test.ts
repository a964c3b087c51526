/** docs/HOMEWORK.md is run as it is written. A clip stands in for the camera, and free ports for 1883, 30003 and 8080. */
import assert from "node:assert/strict";
import { projectFile } from "../../lib/testing/files.ts";
import { makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { freePort } from "../servers/free_port.ts";
import { stepsOf } from "./blocks.ts";
import { Session } from "./session.ts";

Deno.test(
  "docs/HOMEWORK.md is right: its steps run, and its lab loses faces at QoS 0 and none with receipts",
  {
    ...needs("mosquitto", "mosquittoPub", "mosquittoSub", "versitygw", "ffmpeg"),
  },
  async () => {
    const steps = stepsOf(await projectFile("docs/HOMEWORK.md"));
    await using clip = await makeClip("walkers");
    const gallery = `${freePort()}`;
    await using session = new Session([
      ["1883", `${freePort()}`],
      ["30003", `${freePort()}`],
      ["8080", gallery],
      // It buffers what it prints, unless it writes to a terminal.
      ["mosquitto_sub ", "stdbuf -oL mosquitto_sub "],
      ["/dev/video0", `${clip.path} --once`],
    ], { HAARLEM_GALLERY_LISTEN: `127.0.0.1:${gallery}` });
    let lab = "";
    for (const step of steps) {
      const printed = await session.step(step);
      if (step.code.includes(" lab ")) lab = printed;
    }
    const row = (name: string) => {
      const [, ...numbers] = new RegExp(`^${name} +(\\d+) +(\\d+) +(\\d+) +(\\d+)$`, "m").exec(lab) ?? [];
      const [faces, lost, overwritten, stored] = numbers.map(Number);
      assert.ok(faces > 100, lab);
      assert.equal(lost + overwritten + stored, faces, lab);
      return { lost, overwritten };
    };
    const seed = row("Haarlem --preset homework");
    assert.ok(seed.lost > 0, lab);
    assert.equal(seed.overwritten, 0, lab);
    assert.deepEqual(row("Haarlem as shipped"), { lost: 0, overwritten: 0 });
    if (/^the four Python programs: not run/m.test(lab)) return;
    const python = row("the four Python programs");
    assert.ok(python.lost > 0 && python.overwritten > 0, lab);
  },
);
