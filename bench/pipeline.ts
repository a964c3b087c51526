/**
 * bench:pipeline: sends the faces of a clip from the detector through two Mosquittos, forwarder and saver into an S3 bucket,
 * all as processes. Measures lost and duplicated faces and the cost. With --faults the processes are killed meanwhile.
 */
import { FatalError } from "../lib/errors.ts";
import { Pipeline } from "../test/end_to_end/pipeline.ts";
import type { RunningProgram } from "../test/servers/run_program.ts";
import { breakEverything } from "./faults.ts";
import { runPeer } from "./peer.ts";
import { EndedCpu, PeakMemory } from "./resources.ts";
import { openClip, partsWith, readArguments, runBench } from "./run_bench.ts";

const USAGE = "deno task bench:pipeline [CLIP] [--faults] [--peer]";
const OURS = ["detector", "forwarder", "saver"] as const;
const OTHERS = ["edge broker", "cloud broker", "S3 server"] as const;
/** With faults the clip is played twice in real time without dropped frames, so that faults meet faces in transit. */
const IN_REAL_TIME = ["--ffmpeg-options=-re -stream_loop 1"];
const MAX_RUN_MS = 20 * 60_000;

async function bench(): Promise<boolean> {
  const { clip: given, values } = readArguments({
    faults: { type: "boolean", default: false },
    peer: { type: "boolean", default: false },
  }, USAGE);
  partsWith("ffmpeg", "mosquitto", "versitygw");
  await using opened = await openClip(given);
  const clip = opened.path;
  await using pipeline = await Pipeline.start();
  const cpu = new EndedCpu();
  using memory = new PeakMemory({
    "detector": () => detector.pid,
    "forwarder": () => pipeline.forwarder.pid,
    "saver": () => pipeline.saver.pid,
    "edge broker": () => pipeline.edge.pid,
    "cloud broker": () => pipeline.cloud.pid,
    "S3 server": () => pipeline.s3.pid,
  });

  const startedMs = performance.now();
  await using detector = pipeline.detect(clip, values.faults ? IN_REAL_TIME : []);
  if (values.faults) await breakEverything(pipeline, { detector, cpu });
  const count = await counted(detector);
  const seconds = (performance.now() - startedMs) / 1000;
  cpu.charge("detector");
  await stopRest(pipeline, cpu);

  const { objects, lost, duplicated } = await compared(pipeline, count.faces);
  console.log(
    `${clip}${
      values.faults ? ", with faults" : ""
    }: resent without a receipt ${count.resent}, evicted ${count.evicted}`,
  );
  for (const name of [...OURS, ...OTHERS]) console.log(line(name, cpu, memory, count.frames));
  if (values.peer) console.log(await runPeer(clip));
  const oursMs = OURS.reduce((sum, name) => sum + cpu.chargedMs.get(name)!, 0);
  console.log(
    `pipeline frames=${count.frames} faces=${count.faces} objects=${objects} lost=${lost} ` +
      `duplicated=${duplicated} seconds=${seconds.toFixed(2)} ` +
      `cpu_ms_per_frame=${(oursMs / count.frames).toFixed(2)}`,
  );
  return lost === 0 && duplicated === 0;
}

/** Waits until the detector has its last receipt, and reads the counters that it logs at its end. */
async function counted(detector: RunningProgram) {
  const { code, stderr } = await detector.ended({ limitMs: MAX_RUN_MS });
  const done = /done (.*)$/m.exec(stderr)?.[1];
  if (code !== 0 || !done) throw new FatalError(`the detector ended with code ${code}:\n${stderr.trim()}`);
  const counters = new Map(done.split(" ").map((counter) => counter.split("=") as [string, string]));
  const of = (name: string) => Number(counters.get(name));
  return { frames: of("frames"), faces: of("faces"), resent: of("resent"), evicted: of("evicted") };
}

/** Ends the processes after the detector one at a time, so that each is charged for its own CPU time. */
async function stopRest({ forwarder, saver, edge, cloud, s3 }: Pipeline, cpu: EndedCpu): Promise<void> {
  for (const program of [forwarder, saver]) {
    program.signal("SIGTERM");
    await program.ended();
    cpu.charge(program.name);
  }
  for (const [name, server] of [["edge broker", edge], ["cloud broker", cloud], ["S3 server", s3]] as const) {
    await server.kill();
    cpu.charge(name);
  }
}

/** Compares the bucket with the sequence numbers of the detector, which are 1 to `faces` without gaps. */
async function compared(pipeline: Pipeline, faces: number) {
  const stored = Array.from((await pipeline.faces()).values(), ({ metadata }) => metadata?.sequence);
  const numbers = new Set(stored.filter((number) => number !== undefined && number >= 1 && number <= faces));
  return { objects: stored.length, lost: faces - numbers.size, duplicated: stored.length - numbers.size };
}

function line(name: string, cpu: EndedCpu, memory: PeakMemory, frames: number): string {
  const ms = cpu.chargedMs.get(name)!;
  const figures = [
    `${(ms / 1000).toFixed(2).padStart(6)} CPU s`,
    `${(ms / frames).toFixed(2).padStart(6)} CPU ms/frame`,
    `${memory.peakMb.get(name)!.toFixed(0).padStart(4)} MB peak`,
  ];
  const note = name === "detector" ? " (CPU with ffmpeg, memory without)" : "";
  return `${name.padEnd(12)} ${figures.join("  ")}${note}`;
}

await runBench("pipeline", bench);
