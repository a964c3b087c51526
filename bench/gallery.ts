/**
 * bench:gallery: how long a viewer waits for the first page of a large store, and what that costs: the real program on
 * a folder, on a bucket, and on a bucket with many files of others at its top.
 */
import { join } from "node:path";
import { encodePng } from "../lib/image/png.ts";
import { RunningProgram } from "../test/servers/run_program.ts";
import { S3Server } from "../test/servers/s3_server.ts";
import { PeakMemory } from "./resources.ts";
import { median, partsWith, readNumbers, runBench } from "./run_bench.ts";
import { Scratch } from "./scratch.ts";

const USAGE = "deno task bench:gallery [--faces 100000] [--foreign 200000] [--rounds 5] [--viewers 10]";
const DAY_MS = 24 * 3_600_000;
const PNG = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });

async function bench(): Promise<boolean> {
  const numbers = readNumbers({ faces: 100_000, foreign: 200_000, rounds: 5, viewers: 10 }, USAGE);
  partsWith("versitygw");
  await using scratch = new Scratch();
  const result: Record<string, unknown> = {};

  const folder = await scratch.folder();
  await writeDay(folder, numbers.faces);
  result.folder = await measured(
    `a folder with ${numbers.faces} faces of one day`,
    ["--store", folder],
    numbers,
  );

  await using bucket = await S3Server.start();
  await writeDay(join(bucket.folder, bucket.bucket), numbers.faces);
  result.bucket = await measured(
    `a bucket with ${numbers.faces} faces of one day`,
    argsOf(bucket),
    numbers,
    bucket,
  );

  await using crowded = await S3Server.start();
  const top = join(crowded.folder, crowded.bucket);
  await writeDay(top, 1_000);
  for (let count = 0; count < numbers.foreign; count++) {
    Deno.writeTextFileSync(join(top, `IMG_${count}.txt`), "x");
  }
  const title = `a bucket with 1000 faces and ${numbers.foreign} files of others`;
  result.crowded = await measured(title, argsOf(crowded), numbers, crowded);

  console.log(JSON.stringify(result));
  return true;
}

/** Faces of yesterday, evenly spread. */
async function writeDay(folder: string, faces: number): Promise<void> {
  const day = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  await Deno.mkdir(join(folder, day), { recursive: true });
  for (let count = 0; count < faces; count++) {
    const time = new Date(Math.floor(count * DAY_MS / faces)).toISOString().slice(11, 23).replace(
      /[:.]/g,
      "-",
    );
    const hash = count.toString(16).padStart(12, "0");
    Deno.writeFileSync(join(folder, day, `${time}_door_${hash}.png`), PNG);
  }
}

function argsOf({ bucket, endpoint }: S3Server): string[] {
  return ["--store", `s3://${bucket}`, "--s3-endpoint", endpoint];
}

/** Starts a gallery for each round, since the first page of a new one is the dearest. */
async function measured(
  title: string,
  args: readonly string[],
  { rounds, viewers }: { rounds: number; viewers: number },
  server?: S3Server,
): Promise<Record<string, number>> {
  const figures: Record<string, number[]> = {};
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    await using gallery = new RunningProgram("gallery", ["--listen", "127.0.0.1:0", ...args], {
      env: server?.credentials,
    });
    using memory = new PeakMemory({ gallery: () => gallery.pid });
    const [, url] = await gallery.printed(/gallery at (http:\S+)/);
    const take = async (name: string, work: () => Promise<unknown>) => {
      const beganMs = performance.now();
      const result = await work();
      (figures[name] ??= []).push(performance.now() - beganMs);
      return result;
    };
    const page = await take("first_ms", () => pageOf(url)) as { ms: number; key: string }[];
    await take("again_ms", () => pageOf(url));
    await take("older_ms", () => pageOf(url, page.at(-1)));
    await take("viewers_ms", () => Promise.all(Array.from({ length: viewers }, () => pageOf(url))));
    memory.look();
    peakMb = Math.max(peakMb, memory.peakMb.get("gallery") ?? 0);
  }
  const medians = Object.entries(figures).map(([name, figures]) =>
    [name, Math.round(median(figures))] as const
  );
  const result: Record<string, number> = { ...Object.fromEntries(medians), peak_mb: Math.round(peakMb) };
  console.log(
    `${title}: first page ${result.first_ms} ms, again ${result.again_ms} ms, the next one ${result.older_ms} ms, ` +
      `for ${viewers} viewers at once ${result.viewers_ms} ms; ${result.peak_mb} MB at most`,
  );
  return result;
}

async function pageOf(url: string, before?: { ms: number; key: string }) {
  const query = before ? `?before=${encodeURIComponent(`${before.ms}_${before.key}`)}` : "";
  const { faces, error } = await (await fetch(`${url}api/faces${query}`)).json();
  if (!faces || faces.length === 0) throw new Error(`no page: ${error}`);
  return faces;
}

await runBench("gallery", bench);
