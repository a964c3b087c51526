/** Health for supervisors: systemd by its socket, Docker and Kubernetes over HTTP. */
import assert from "node:assert/strict";
import { skipIfAny, skipUnless } from "../../lib/testing/skip.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { stays, until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { descendants, isFfmpeg } from "../servers/descendants.ts";
import { FakeSystemd } from "../servers/fake_systemd.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { NetworkCamera } from "../servers/network_camera.ts";
import { sourceCommand } from "../../lib/demo/child.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

const WATCHDOG_MS = 1_000;
/** `--stall`: longer than the camera, which is in this process, is ever late on a busy machine. */
const STALL_S = 5;
/** The time that lib/wiring/camera.ts allows for a frame beyond --stall. */
const SEARCH_LIMIT_MS = 20_000;

/** The ffmpeg of a detector, once it has one. */
function ffmpegOf(pid: number): Promise<number> {
  return until(() => descendants(pid).find(isFfmpeg), "the detector has an ffmpeg");
}

/** Queries both addresses of a program's health port. */
async function asked(program: RunningProgram) {
  const [, address] = await program.printed(/health at (http:\S+\/)healthz/);
  const ask = async (path: string) => {
    const response = await fetch(address + path);
    return { code: response.status, body: await response.json() };
  };
  return { alive: await ask("healthz"), ready: await ask("readyz"), address };
}

/** Queries until the status of /readyz is `wanted`. */
async function readyIs(wanted: number, program: RunningProgram) {
  const answersAsExpected = async () => {
    const answers = await asked(program);
    return answers.ready.code === wanted && answers;
  };
  return await until(answersAsExpected, `${program.name}: /readyz answers ${wanted}`);
}

Deno.test(
  "systemd: ready with the first frame; frames, and waiting for a camera, feed the watchdog",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    await using camera = new NetworkCamera();
    await using systemd = new FakeSystemd(WATCHDOG_MS);
    const place = ["--out", folder.path, "--health", "127.0.0.1:0"];
    const args = ["--source", camera.url, "--stall", `${STALL_S}`, ...place];
    await using detector = new RunningProgram("detector", args, { env: systemd.env });
    await systemd.received(/^READY=1$/);
    await detector.printed(/first frame/);
    assert.equal(systemd.lines[0], "STATUS=starting");
    assert.match(await systemd.received(/^EXTEND_TIMEOUT_USEC=/), /=1500000$/);
    assert.equal((await asked(detector)).alive.body.status, "ok");

    const beganMs = performance.now();
    await systemd.received(/^STATUS=frames=\d+ .*faces=0/);
    await systemd.receivedTimes(4, /^WATCHDOG=1$/, { sinceMs: beganMs });

    // Its ffmpeg freezes: the detector opens it again, and is alive meanwhile. The camera refuses it until it was asked.
    const ffmpeg = await ffmpegOf(detector.pid);
    assert.doesNotMatch(Deno.readTextFileSync(`/proc/${ffmpeg}/environ`), /NOTIFY_SOCKET|WATCHDOG/);
    const frozenMs = performance.now();
    Deno.kill(ffmpeg, "SIGSTOP");
    camera.unplug();
    const frozen = new RegExp(`^STATUS=camera: .*no frame for ${STALL_S} s`);
    await systemd.received(frozen, { sinceMs: frozenMs });
    const pings = systemd.pings(frozenMs);
    assert.ok(pings >= STALL_S * 1000 / WATCHDOG_MS, `${pings} signs of life in ${STALL_S} s`);
    assert.equal((await asked(detector)).alive.body.status, "waiting");
    camera.plugIn();
    await readyIs(200, detector);
    assert.notEqual(await ffmpegOf(detector.pid), ffmpeg);

    // The cable is unplugged: alive, not ready, no restart.
    camera.unplug();
    const { alive, ready } = await readyIs(503, detector);
    assert.deepEqual([alive.code, ready.body.status], [200, "waiting"]);
    const unpluggedMs = performance.now();
    await systemd.receivedTimes(4, /^WATCHDOG=1$/, { sinceMs: unpluggedMs });
    camera.plugIn();
    await readyIs(200, detector);

    assert.equal(systemd.lines.filter((line) => line === "READY=1").length, 1);
    detector.signal("SIGTERM");
    await systemd.received(/^STOPPING=1$/);
    assert.equal((await detector.ended()).code, 0);
    assert.ok(!systemd.messages.at(-1)!.lines.includes("WATCHDOG=1"));
  },
);

Deno.test(
  "systemd: a camera that stays frozen starves the watchdog",
  needs("ffmpeg"),
  async () => {
    using folder = new TempFolder();
    await using camera = new NetworkCamera();
    await using systemd = new FakeSystemd(WATCHDOG_MS);
    // The detector kills the shell, but ffmpeg holds the pipe: like an ffmpeg that a driver keeps from ending.
    const pidFile = `${folder.path}/pid`;
    const inside = `echo $$ >"${pidFile}"; exec "${findParts().ffmpeg}" "$@"`;
    const script = `#!/bin/sh\nsh -c '${inside}' sh "$@" &\nwait\n`;
    await Deno.writeTextFile(`${folder.path}/ffmpeg`, script, { mode: 0o755 });
    const args = [
      ...["--source", camera.url, "--out", `${folder.path}/faces`],
      ...["--stall", `${STALL_S}`, "--health", "127.0.0.1:0"],
    ];
    const env = { ...systemd.env, PATH: `${folder.path}:${Deno.env.get("PATH")}` };
    await using detector = new RunningProgram("detector", args, { env });
    await systemd.received(/^READY=1$/);
    const ffmpeg = Number(await Deno.readTextFile(pidFile));
    const frozenMs = performance.now();
    Deno.kill(ffmpeg, "SIGSTOP");
    try {
      const says = /stuck, camera: no sign of life for (\d+) s; systemd's watchdog/;
      const [, silentS] = await detector.printed(says);
      assert.ok(Number(silentS) >= STALL_S + SEARCH_LIMIT_MS / 1000, silentS);
      const { alive, ready } = await asked(detector);
      assert.deepEqual([alive.code, ready.code, alive.body.status], [503, 503, "stuck"]);
      const stuck = /^STATUS=stuck, camera/;
      await systemd.received(stuck, { sinceMs: frozenMs });
      await stays(() => systemd.pingsAfter(stuck) === 0, "the watchdog starves", 2 * WATCHDOG_MS);
      assert.ok(systemd.pings(frozenMs) >= SEARCH_LIMIT_MS / WATCHDOG_MS, "until then it was fed");
    } finally {
      Deno.kill(ffmpeg, "SIGKILL");
    }
  },
);

const BROKERED = [
  { name: "logger", args: (url: string) => ["--broker", url] },
  { name: "saver", args: (url: string, folder: string) => ["--broker", url, "--store", folder] },
  { name: "forwarder", args: (url: string) => ["--edge", url, "--cloud", "mqtt://127.0.0.1:1"] },
];

for (const { name, args } of BROKERED) {
  Deno.test(`${name}: alive without its broker, ready with it`, needs("mosquitto"), async () => {
    using folder = new TempFolder();
    await using other = await Mosquitto.start();
    await using broker = await Mosquitto.start({ started: false });
    await using systemd = new FakeSystemd(WATCHDOG_MS);
    const settings = args(broker.url, folder.path).map((arg) => arg.endsWith(":1") ? other.url : arg);
    await using program = new RunningProgram(name, [...settings, "--health", "127.0.0.1:0"], {
      env: systemd.env,
    });
    await program.printed(
      /no connection to the (edge )?broker: nothing listens on \S+; retrying\. Try: start the broker, or set --(edge|broker) to /,
    );
    const { alive, ready, address } = await readyIs(503, program);
    assert.deepEqual([alive.code, ready.body.status, ready.body.program], [200, "waiting", name]);
    await systemd.received(/^STATUS=.*broker: nothing listens/);
    assert.ok(!systemd.lines.includes("READY=1"));
    await systemd.receivedTimes(2, /^EXTEND_TIMEOUT_USEC=/);
    assert.equal((await runProgram(name, ["--probe", `${address}readyz`])).code, 1);

    await broker.start();
    await systemd.received(/^READY=1$/);
    assert.equal((await readyIs(200, program)).ready.body.status, "ok");
    const probe = await runProgram(name, [`--probe=${address}readyz`]);
    assert.deepEqual([probe.code, JSON.parse(probe.stdout).status], [0, "ok"]);

    await broker.kill();
    const lost = await readyIs(503, program);
    assert.equal(lost.alive.code, 200);
    assert.match(lost.ready.body.why, /broker: /);
    await broker.start();
    await readyIs(200, program);
    program.signal("SIGTERM");
    await systemd.received(/^STOPPING=1$/);
    assert.equal((await program.ended()).code, 0);
  });
}

Deno.test("gallery: it is ready when it listens, and a probe needs no token", async () => {
  using folder = new TempFolder();
  await using systemd = new FakeSystemd();
  const address = `127.0.0.1:${freePort()}`;
  await using gallery = new RunningProgram("gallery", ["--store", folder.path, "--listen", address], {
    env: { ...systemd.env, HAARLEM_TOKEN: "3f9c1b7e5a2d4806" },
  });
  await systemd.received(/^READY=1$/);
  assert.equal((await runProgram("gallery", ["--probe", `http://${address}/healthz`])).code, 0);
  assert.equal(systemd.pings(), 0, "no watchdog was asked for");
  gallery.signal("SIGTERM");
  await systemd.received(/^STOPPING=1$/);
  assert.equal((await gallery.ended()).code, 0);
});

Deno.test("a gallery without a cache gives up writing, and reports to systemd all the same", async () => {
  using folder = new TempFolder();
  await using systemd = new FakeSystemd();
  const args = ["--store", folder.path, "--listen", "127.0.0.1:0"];
  await using gallery = new RunningProgram("gallery", args, { env: systemd.env });
  await systemd.received(/^READY=1$/);
  gallery.signal("SIGTERM");
  await systemd.received(/^STOPPING=1$/);
  assert.equal((await gallery.ended()).code, 0);
});

Deno.test("a program that cannot report to systemd warns once and works", needs("mosquitto"), async () => {
  using folder = new TempFolder();
  await using broker = await Mosquitto.start();
  const without = `${folder.path}/without.ts`;
  await Deno.writeTextFile(without, "delete Deno.listenDatagram;");
  const [deno, run, ...rest] = sourceCommand("logger");
  const ways = [
    { command: [deno, run, `--preload=${without}`, ...rest], socket: "/run/nobody", why: /--unstable-net/ },
    { command: sourceCommand("logger"), socket: "/run/haarlem-nobody-hears", why: /No such file|not found/i },
  ];
  for (const { command, socket, why } of ways) {
    await using systemd = new FakeSystemd();
    const env = { ...systemd.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "200000" };
    await using logger = new RunningProgram("logger", ["--broker", broker.url], { env, command });
    await logger.printed(/connected to the broker/);
    const [warning] = await logger.printed(/cannot report health to systemd.*/);
    assert.match(warning, why);
    const warnings = () => logger.stderr.match(/cannot report health to systemd/g)?.length;
    await stays(() => warnings() === 1, "the warning is not repeated", 500);
    logger.signal("SIGTERM");
    assert.equal((await logger.ended()).code, 0);
  }
});

Deno.test(
  "a program reports to an abstract address too, where Deno can",
  skipIfAny(
    skipUnless(
      !Deno.version.deno.startsWith("2.6."),
      "reports to an abstract address of systemd",
      "use Deno 2.7 or newer",
    ),
    needs("mosquitto"),
  ),
  async () => {
    await using broker = await Mosquitto.start();
    await using systemd = new FakeSystemd(0, { abstract: true });
    await using _logger = new RunningProgram("logger", ["--broker", broker.url], {
      env: { NOTIFY_SOCKET: systemd.env.NOTIFY_SOCKET },
      command: sourceCommand("logger"), // The Deno of an executable may be an older one.
    });
    await systemd.received(/^READY=1$/);
  },
);
