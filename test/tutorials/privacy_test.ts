/** The commands of docs/PRIVACY.md erase what they say. A temporary folder stands in for /srv/faces. */
import assert from "node:assert/strict";
import { encodePng } from "../../lib/image/png.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { freePort } from "../servers/free_port.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { stepsOf } from "./blocks.ts";
import { Session } from "./session.ts";

const TOKEN = "5c0d6f2b9a7e41d8";
const DAY = "2026-11-26";

Deno.test("docs/PRIVACY.md is right: its commands erase one face by its key, and the faces of a minute", async () => {
  using store = new TempFolder();
  const picture = encodePng({ width: 40, height: 40, rgb: new Uint8Array(4800).fill(90) });
  const names = ["14-03-11-250_front", "14-03-12-000_front", "14-03-12-000_back", "14-04-00-000_front"];
  await Deno.mkdir(store.at(DAY));
  for (const name of names) store.write(`${DAY}/${name}_0123456789ab.png`, picture);
  const gallery = `127.0.0.1:${freePort()}`;
  await using program = new RunningProgram(
    "gallery",
    ["--store", store.path, "--listen", gallery, "--allow", "delete"],
    { env: { HAARLEM_TOKEN: TOKEN } },
  );
  await program.printed(/gallery at/);
  await using session = new Session([["/srv/faces", store.path]], { HAARLEM_TOKEN: TOKEN, GALLERY: gallery });
  const left: string[][] = [];
  for (const step of stepsOf(await projectFile("docs/PRIVACY.md"))) {
    await session.step(step);
    if (step.action === "run") {
      left.push(Array.from(Deno.readDirSync(store.at(DAY)), ({ name }) => name).sort());
    }
  }
  const files = (...kept: string[]) => kept.map((name) => `${name}_0123456789ab.png`).sort();
  assert.deepEqual(left, [files(...names.slice(1)), files("14-03-12-000_back", "14-04-00-000_front")]);
});
