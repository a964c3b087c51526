/**
 * `deno task test:systems`: on each available system of a board, the shipped executable finds the faces of two clips,
 * Mosquitto starts with our file, and systemd accepts our units; where systemd-nspawn boots it, deploy/install
 * installs, upgrades, rolls back and uninstalls. HAARLEM_SYSTEMS names them (`bullseye-amd64,…` or `all`).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { SERVICES } from "../../lib/program/programs.ts";
import { runProgram } from "../servers/run_program.ts";
import { boxesOf, detectorArguments, facesIn, outFolder } from "./boxes.ts";
import { canBoot } from "./booted_system.ts";
import { makeClips } from "./clips.ts";
import { InstalledSystem } from "./installed_system.ts";
import { installAndUninstall } from "./installing.ts";
import { canRunArm64 } from "./qemu_user.ts";
import { canMakeSystems, rootOf, type System, SYSTEMS, wordFor } from "./systems.ts";
import { noteRow, printTable } from "./table.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { skipUnless } from "../../lib/testing/skip.ts";

const wanted = Deno.env.get("HAARLEM_SYSTEMS")?.split(",") ?? [];
const TARGETS = { amd64: "x86_64-unknown-linux-gnu", arm64: "aarch64-unknown-linux-gnu" };

function isWanted(system: System): boolean {
  return system.mirror !== undefined && (wanted.includes("all") || wanted.includes(wordFor(system)));
}

for (const system of SYSTEMS) {
  const name = `${system.name} (${system.processor})`;
  const options = skipUnless(
    isWanted(system) && canMakeSystems() && (system.processor !== "arm64" || canRunArm64()),
    `${name} as a system of its own`,
    system.mirror === undefined ? "set HAARLEM_UBUNTU_MIRROR" : "run deno task test:systems as root",
  );

  Deno.test(`${name} runs the executable, Mosquitto and the units`, options, async (test) => {
    const executable = join(ROOT, "dist", TARGETS[system.processor], "haarlem");
    await using installed = await InstalledSystem.copyOf(system, await rootOf(system));
    await installed.install(executable);
    const row = {
      system,
      versions: await installed.versions(),
      clips: 0,
      broker: false,
      units: false,
      installed: false,
    };

    for (const clip of await makeClips(installed.root)) {
      const passed = await test.step(`the detector finds the same faces in ${clip} as here`, async () => {
        const here = outFolder(installed.root, `${clip} here`);
        const { code, stderr } = await runProgram(
          "detector",
          detectorArguments(join(installed.root, clip), here),
        );
        assert.equal(code, 0, stderr);
        const expected = await facesIn(here);
        assert.ok(expected.length >= 5, "the face is in every frame");
        const there = outFolder("", clip);
        const args = detectorArguments(clip, there).map((arg) => `'${arg}'`).join(" ");
        await installed.sh(`cd /; haarlem detector ${args}`);
        const found = await facesIn(join(installed.root, there));
        if (system.processor === "amd64") assert.deepEqual(found, expected);
        else assert.deepEqual(boxesOf(found), boxesOf(expected));
      });
      if (passed) row.clips++;
    }
    row.broker = await test.step("Mosquitto starts with our file", async () => {
      await installed.sh(STARTED_MOSQUITTO);
    });
    row.units = await test.step("systemd accepts our units", async () => {
      const others = SERVICES.map(({ name }) => name).filter((name) => name !== "detector");
      const units = `haarlem-detector@front.service haarlem-{${others}}.service`;
      // sh has no brace expansion; systemd-analyze fails for any complaint.
      const said = await installed.sh(`bash -c 'systemd-analyze verify --man=no ${units}' 2>&1 || true`);
      const complaints = said.split("\n").filter((line) => /haarlem/.test(line) && !EMULATED.test(line));
      assert.deepEqual(complaints, []);
    });
    if (system.processor === "amd64" && canBoot()) {
      row.installed =
        await test.step("deploy/install installs, upgrades, rolls back and uninstalls", async () => {
          await installAndUninstall(system, executable);
        });
    }
    noteRow(row);
  });
}

/** qemu-user cannot open a file with O_PATH, as systemd does to check whether a program is executable. */
const EMULATED = /is not executable: Too many levels of symbolic links/;

/** Waits until the broker listens, then ends it; otherwise shows its output. */
const STARTED_MOSQUITTO = `
  mosquitto -c /etc/mosquitto/conf.d/haarlem.conf >/tmp/broker.log 2>&1 &
  broker=$!
  for try in $(seq 600); do
    if bash -c '</dev/tcp/127.0.0.1/1883' 2>/dev/null; then kill $broker; exit 0; fi
    kill -0 $broker 2>/dev/null || break
    sleep 0.1
  done
  cat /tmp/broker.log
  exit 1`;

if (wanted.length > 0) addEventListener("unload", printTable);
