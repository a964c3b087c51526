/** deploy/install over ssh to a running system: installation, upgrade, rollback, correction, uninstallation. */
import assert from "node:assert/strict";
import { visitsPath } from "../../lib/testing/visits_path.ts";
import { join } from "node:path";
import { LONG, output, run } from "../../lib/testing/command.ts";
import { until } from "../../lib/testing/until.ts";
import { BootedSystem } from "./booted_system.ts";
import { doorCamera } from "./door_camera.ts";
import type { System } from "./systems.ts";
import { ROOT } from "../../lib/testing/files.ts";

const TARGET = "x86_64-unknown-linux-gnu";
/** Paths that an uninstallation keeps: state, faces and their owner, useradd's backups, Mosquitto's own state. */
const KEPT = /^\/(var\/lib\/(private|haarlem|mosquitto)|srv\/faces)(\/|$)|^\/etc\/\w+-$/;
const FACE_LIMIT_MS = 90_000;

/** The exit code and the output of an installation. */
interface Installation {
  readonly code: number;
  readonly said: string;
}

/** Installs, changes nothing the second time, upgrades, rolls back, corrects, and uninstalls. */
export async function installAndUninstall(system: System, executable: string): Promise<void> {
  await using board = await BootedSystem.boot(system);
  await using camera = await doorCamera(board.host);
  const dist = join(executable, "../..");
  const scratch = await Deno.makeTempDir({ prefix: "releases-" });
  const install = (args: string[], release = dist) =>
    installOn(board, [`--camera=front=${camera.url}`, `--dist=${release}`, "--wait=60", ...args]);
  const version = async () => (await board.ssh("haarlem --version")).trim();
  try {
    const untouched = await board.files();
    // Output of the login shell must not count as an answer.
    await board.ssh("echo 'echo haarlem-1-1-1 folder /etc; printf welcome; printf noise >&2' >/root/.bashrc");
    const link = /http:\S+ \(log in with the token [0-9a-f]{32}\)/;
    succeeded(await install(["--home"]), link);
    await Deno.remove(join(board.root, "root/.bashrc"));
    succeeded(await install(["--home"]), /^nothing to change/m);
    assert.match(await board.ssh("cat /etc/haarlem/detector-front.env"), /^HAARLEM_ENGINE="yunet"$/m);
    await showsFace(board, await tokenOf(board));

    const released = await version();
    const upgrade = await buildRelease(scratch);
    const upgraded = await install(["--home"], upgrade);
    succeeded(upgraded, /wrote \/usr\/bin\/haarlem/);
    assert.doesNotMatch(upgraded.said, link, "the token stays");
    const newer = await version();
    assert.notEqual(newer, released);

    for (const [what, script] of BROKEN_RELEASES) {
      const { code, said } = await install(
        ["--home", "--set=detector.min-size=60", "--wait=20"],
        await brokenRelease(scratch, script),
      );
      assert.equal(code, 1, `${what}: ${said}`);
      assert.match(said, /rolled back: haarlem-.*\nTry: /, `${what}: ${said}`);
      assert.equal(await version(), newer, what);
      await runs(board, "haarlem-detector@front", "haarlem-saver", "haarlem-gallery", "haarlem-logger");
      assert.doesNotMatch(await board.ssh("cat /etc/haarlem/detector-front.env"), /MIN_SIZE/, what);
    }
    await cutOff(board, install, upgrade, newer);

    const wrong = await install(["--home", "--set=saver.waiting=many"], upgrade);
    assert.equal(wrong.code, 1, wrong.said);
    assert.match(wrong.said, /haarlem-saver: does not start/);
    succeeded(await install(["--home"], upgrade), /haarlem-saver: runs/);

    const uninstalled = await installOn(board, ["--uninstall"]);
    succeeded(uninstalled, /Haarlem was removed from the board/);
    const left = Array.from((await board.files()).difference(untouched)).filter((path) => !KEPT.test(path));
    assert.deepEqual(left, []);
    await correctedAfterFailure(board, install);
    await besideABroker(board, dist);
    succeeded(await installOn(board, ["--uninstall"]), /Haarlem was removed from the board/);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Reports readiness to systemd, as our programs do, and ends. */
const READY_AND_GONE = "systemd-notify --ready --pid=$$; sleep 4; exit 1";

/** Releases that must be rolled back. */
const BROKEN_RELEASES: [string, string][] = [
  ["hangs", "sleep 1000"],
  ["ends at once", "exit 1"],
  ["refuses its settings", "exit 78"],
  ["is ready and ends soon after", READY_AND_GONE],
];

/** The next installation rolls back an interrupted one, and can install a good release. */
async function cutOff(
  board: BootedSystem,
  install: (args: string[], release?: string) => Promise<Installation>,
  release: string,
  version: string,
): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "cut-off-" });
  try {
    const hanging = await brokenRelease(scratch, "sleep 1000");
    const installing = install(["--home", "--wait=60"], hanging);
    const isBroken = async () => /9\.9\.9/.test(await board.ssh("haarlem --version"));
    await until(isBroken, "the broken release is installed", { everyMs: 200, limitMs: FACE_LIMIT_MS });
    await board.ssh("pkill -KILL -f install.d/board");
    assert.notEqual((await installing).code, 0);
    const again = await install(["--home"], release);
    succeeded(again, /an earlier installation was interrupted/);
    assert.equal((await board.ssh("haarlem --version")).trim(), version);
    await runs(board, "haarlem-detector@front", "haarlem-saver", "haarlem-gallery", "haarlem-logger");
    assert.match(
      await board.ssh("readlink /proc/$(systemctl show --value -p MainPID haarlem-saver)/exe"),
      /haarlem$/,
    );
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** On a board without an earlier installation a mistake is reported, and the next run corrects it. */
async function correctedAfterFailure(
  board: BootedSystem,
  install: (args: string[]) => Promise<Installation>,
): Promise<void> {
  const failed = await install([
    "--programs=detector,saver",
    "--set=saver.store=/srv/faces",
    "--set=saver.waiting=many",
  ]);
  assert.equal(failed.code, 1, failed.said);
  assert.match(failed.said, /haarlem-saver: does not start/);
  assert.equal((await board.ssh("systemctl is-failed haarlem-saver || true")).trim(), "failed");
  succeeded(
    await install(["--programs=detector,saver", "--set=saver.store=/srv/faces"]),
    /haarlem-saver: runs/,
  );
}

/** A saver beside the cloud's broker does not change that broker. */
async function besideABroker(board: BootedSystem, dist: string): Promise<void> {
  await installOn(board, ["--uninstall"]);
  await board.ssh(
    "printf 'listener 1883 127.0.0.1\\nallow_anonymous true\\n' >/etc/mosquitto/conf.d/cloud.conf; systemctl restart mosquitto",
  );
  const running = await board.ssh("systemctl show --value -p MainPID mosquitto");
  const beside = ["--programs=saver", "--set=saver.store=/srv/faces", `--dist=${dist}`];
  succeeded(await installOn(board, beside), /haarlem-saver: runs/);
  assert.equal(await board.ssh("systemctl show --value -p MainPID mosquitto"), running, "the broker runs on");
  const logger = ["--programs=saver,logger", "--set=saver.store=/srv/faces", `--dist=${dist}`];
  succeeded(await installOn(board, logger), /listens on port 1883 already/);
  assert.equal(await board.ssh("systemctl show --value -p MainPID mosquitto"), running, "the broker runs on");
}

async function installOn(board: BootedSystem, args: string[]): Promise<Installation> {
  const all = [board.address, "--ssh-config", board.sshConfig, "-i", board.key, ...args];
  const { code, stdout, stderr } = await output(join(ROOT, "deploy/install"), all, LONG);
  return { code, said: stdout + stderr };
}

function succeeded({ code, said }: Installation, pattern: RegExp): void {
  assert.equal(code, 0, said);
  assert.match(said, pattern);
}

async function runs(board: BootedSystem, ...units: string[]): Promise<void> {
  for (const unit of units) {
    // A rollback does not wait until each program is ready.
    const isActive = async () => (await board.ssh(`systemctl is-active ${unit} || true`)).trim() === "active";
    await until(isActive, `${unit} is active`, { everyMs: 200, limitMs: FACE_LIMIT_MS });
  }
}

async function tokenOf(board: BootedSystem): Promise<string> {
  return (await board.ssh(`sed -n 's/^HAARLEM_TOKEN="\\(.*\\)"$/\\1/p' /etc/haarlem/gallery.env`)).trim();
}

/** Waits until the gallery shows a face, and fetches it. */
async function showsFace(board: BootedSystem, token: string): Promise<void> {
  const gallery = `http://${board.address}:8080`;
  const headers = { Authorization: `Bearer ${token}` };
  assert.equal(await statusOf(gallery), 401, "without the token no face is visible");
  const firstFace = async (): Promise<{ url: string } | undefined> =>
    (await (await fetch(`${gallery}/${visitsPath()}`, { headers })).json()).visits[0]?.faces[0];
  const face = await until(firstFace, "a face is in the gallery", { everyMs: 500, limitMs: FACE_LIMIT_MS });
  const picture = await (await fetch(new URL(face.url, `${gallery}/`), { headers })).bytes();
  assert.deepEqual([...picture.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

/** Builds the same programs as another commit. */
async function buildRelease(scratch: string): Promise<string> {
  const out = join(scratch, "upgrade");
  const args = ["--target", TARGET, "--only", "haarlem", "--no-xz", "--out", out];
  const env = { HAARLEM_COMMIT: "upgraded" };
  await run(Deno.execPath(), ["run", "-A", join(ROOT, "deploy/build.ts"), ...args], { ...LONG, env });
  return out;
}

async function brokenRelease(scratch: string, script: string): Promise<string> {
  const folder = join(scratch, crypto.randomUUID(), TARGET);
  await Deno.mkdir(folder, { recursive: true });
  const text = `#!/bin/sh\n[ "$1" = --version ] && { echo "haarlem 9.9.9 (broken)"; exit 0; }\n${script}\n`;
  await Deno.writeTextFile(join(folder, "haarlem"), text, { mode: 0o755 });
  return join(folder, "..");
}
