/** Measures the Python programs of test/homework on a clip: the objects in the bucket and the CPU time. */
import { FatalError } from "../lib/errors.ts";
import { delay } from "../lib/async/delay.ts";
import { HOMEWORK_PARTS, startHomework } from "../test/homework/homework.ts";
import { Mosquitto } from "../test/servers/mosquitto.ts";
import type { RunningProgram } from "../test/servers/run_program.ts";
import { S3Server } from "../test/servers/s3_server.ts";
import { EndedCpu } from "./resources.ts";
import { partsWith } from "./run_bench.ts";

/** The programs have no receipts: they are done when nothing was stored for this long. */
const QUIET_MS = 6_000;

/**
 * Runs the programs with two brokers and a bucket, and returns one line of figures. CPU time is that of detector, forwarder
 * and image processor from start to exit, as for this project's programs.
 */
export async function runPeer(clip: string): Promise<string> {
  partsWith(...HOMEWORK_PARTS);
  await using edge = await Mosquitto.start();
  await using cloud = await Mosquitto.start();
  await using s3 = await S3Server.start();
  const servers = { edge, cloud, s3 };
  await using forwarder = startHomework("message_forwarder", servers);
  await using processor = startHomework("image_processor", servers);
  await Promise.all([forwarder, processor].map((program) => program.printed(/ready/)));
  const cpu = new EndedCpu();
  const startedMs = performance.now();
  await using detector = startHomework("face_detector", servers, [clip]);
  const { stdout, stderr } = await detector.end;
  const seconds = (performance.now() - startedMs) / 1000;
  const [, frames, faces] = /frames=(\d+) faces=(\d+)/.exec(stdout) ?? [];
  if (!faces) throw new FatalError(`the Python detector failed: ${stderr.trim()}`);
  cpu.charge("detector");
  const stored = await storedBy(processor);
  for (const [name, program] of Object.entries({ forwarder, processor })) {
    program.signal("SIGTERM");
    await program.ended();
    cpu.charge(name);
  }
  const cpuMs = cpu.chargedMs.values().reduce((sum, ms) => sum + ms, 0);
  return `peer frames=${frames} faces=${faces} stored=${stored} objects=${(await s3.objects()).size} ` +
    `seconds=${seconds.toFixed(2)} cpu_ms_per_frame=${(cpuMs / Number(frames)).toFixed(2)}`;
}

/** The number of stored faces, read when it no longer increases. */
async function storedBy(processor: RunningProgram): Promise<number> {
  const count = () => processor.stdout.match(/^stored /gm)?.length ?? 0;
  for (let before = -1, now = count(); now !== before; now = count()) {
    before = now;
    await delay(QUIET_MS);
  }
  return count();
}
