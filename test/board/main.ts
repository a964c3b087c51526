/**
 * `deno task test:board`: deploy/install puts the executable on an emulated board with a camera; a broker with TLS, a
 * saver and an S3 server run outside. The camera is unplugged, the detector killed, the board restarted and its power
 * cut. Then every face that the board numbered must be stored once, and an uninstallation must leave only its state.
 *
 *     board boot_s=25 install_s=93 frames=873 faces=261 lost=0 twice=0 evicted=0
 */
import { join } from "node:path";
import { delay } from "../../lib/async/delay.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { answerHelp } from "../../lib/program/usage.ts";
import { until } from "../../lib/testing/until.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { findParts } from "../parts.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import { account } from "./account.ts";
import { CAMERA, EmulatedBoard, HOST_ON_BOARD } from "./emulated_board.ts";
import { Cloud } from "./cloud.ts";
import { Watch } from "./watch.ts";

const TARGET = "aarch64-unknown-linux-gnu";
const UNPLUGGED_MS = 5_000;
const LIMIT_MS = 600_000;
/** Paths that an uninstallation keeps. */
const STATE = /^\/var\/lib\/(private\/)?haarlem(\/|$)/;

/** Everything outside the board. */
interface Outside {
  readonly cloud: Cloud;
  readonly store: S3Server;
}

async function main(): Promise<void> {
  const { mosquitto, versitygw } = findParts();
  if (!mosquitto || !versitygw) {
    throw new Error("Mosquitto or versitygw is missing\nTry: run ./haarlem setup");
  }
  await needExecutable();
  await using cloud = await Cloud.start(HOST_ON_BOARD);
  await using store = await S3Server.start();
  await using _saver = new RunningProgram("saver", [
    "--store",
    `s3://${store.bucket}/board`,
    "--s3-endpoint",
    store.endpoint,
  ], { env: { ...store.credentials, HAARLEM_BROKER: cloud.saverAddress } });
  const board = new EmulatedBoard();
  const bootMs = await timed("the board starts", () => board.startAfresh());
  try {
    await runFaults(board, { cloud, store }, bootMs);
  } catch (error) {
    console.error(await board.lastWords().catch(() => "the board does not answer any more"));
    throw error;
  } finally {
    await board.shutDown();
  }
}

async function runFaults(board: EmulatedBoard, { cloud, store }: Outside, bootMs: number): Promise<void> {
  const stored = async () => (await store.pictures()).size;
  const settings = [
    "--programs=detector,logger,forwarder",
    `--camera=front=${CAMERA}`,
    `--settings=${cloud.boardSettings}`,
    `--cloud-ca=${cloud.authority}`,
    "--set=detector.faces=every",
    "--set=detector.retry=2",
    `--dist=${Deno.env.get("HAARLEM_DIST") ?? join(ROOT, "dist")}`,
  ];
  const untouched = await board.files();
  const installMs = await timed("deploy/install", () => board.install(settings));
  await timed("deploy/install again", async () => {
    const said = await board.install(settings);
    if (!/^nothing to change/m.test(said)) {
      throw new Error(`the second installation changed something:\n${said}`);
    }
  });
  const detector = new Watch(() => board.detector());
  await detector.worksOn("faces are found");
  await isReached("faces arrive outside", async () => (await stored()) > 0);
  for (const [what, fault] of faultsOf(board)) {
    await detector.once(); // The count of a run that is about to end.
    await fault();
    await detector.worksOn(what);
  }
  await board.stopCamera();
  await detector.once();
  const { highest, givenUp } = await drained(board, stored);
  await timed("deploy/install --uninstall", () => board.uninstall());
  const left = Array.from((await board.files()).difference(untouched)).filter((path) => !STATE.test(path));
  if (left.length > 0) throw new Error(`the uninstallation left:\n${left.join("\n")}`);
  const metadata = Array.from((await store.pictures()).values(), (bytes) => readFace(bytes).metadata!);
  const { faces, lost, twice } = account(metadata, highest);
  const figures = {
    boot_s: seconds(bootMs),
    install_s: seconds(installMs),
    frames: detector.frames,
    faces,
    lost,
    twice,
    evicted: givenUp,
  };
  console.log(`board ${Object.entries(figures).map(([name, value]) => `${name}=${value}`).join(" ")}`);
  if (lost + twice + givenUp > 0 || faces === 0) Deno.exitCode = 1;
}

/** The faults, in order. */
function faultsOf(board: EmulatedBoard): [string, () => Promise<void>][] {
  return [
    ["the camera was unplugged and plugged in", async () => {
      await board.unplugCamera();
      await delay(UNPLUGGED_MS);
      await board.plugCamera();
    }],
    ["the detector was killed", () => board.killDetector()],
    ["the board was restarted", () => restarted(board, () => board.reboot())],
    ["the power was cut", () => restarted(board, () => board.cutPower())],
  ];
}

/** Builds the executable for the board unless there is one. */
async function needExecutable(): Promise<void> {
  if (Deno.env.get("HAARLEM_DIST")) return;
  const isThere = await Deno.stat(join(ROOT, "dist", TARGET, "haarlem")).then(() => true, () => false);
  if (isThere) return;
  const args = ["task", "build", "--target", TARGET, "--only", "haarlem", "--no-xz"];
  const { code } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn().status;
  if (code !== 0) throw new Error("no executable for the board");
}

/** Does something that stops the board, and waits until it has started again. */
async function restarted(board: EmulatedBoard, fault: () => Promise<void>): Promise<void> {
  const before = await board.bootId();
  await fault();
  await isReached(
    "  the board starts again",
    async () => ![undefined, before].includes(await board.bootId()),
  );
}

/** Waits until every face has its receipt; a board without a time server holds faces of its first two minutes. */
async function drained(board: EmulatedBoard, stored: () => Promise<number>) {
  let left = await board.outbox();
  await isReached("the outbox runs empty", async () => {
    left = await board.outbox();
    console.log(`  ${left.waiting} faces wait, ${await stored()} are stored`);
    return left.waiting === 0;
  });
  return left;
}

/** The board is a guest system: each check is a command by ssh. */
async function isReached(what: string, check: () => Promise<boolean>): Promise<void> {
  await timed(what, () => until(check, what.trim(), { everyMs: 3_000, limitMs: LIMIT_MS }));
}

async function timed(what: string, work: () => Promise<unknown>): Promise<number> {
  const startMs = Date.now();
  await work();
  const tookMs = Date.now() - startMs;
  console.log(`${what}: ${seconds(tookMs)} s`);
  return tookMs;
}

const seconds = (ms: number) => Math.round(ms / 1000);

if (import.meta.main) {
  answerHelp(
    "deno task test:board\nInstalls the executable on an emulated board, breaks it, and counts the faces.",
  );
  await main();
}
