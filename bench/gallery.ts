/**
 * bench:gallery: measures how long a viewer waits for pages of a large store, and the memory of the gallery: with a folder,
 * a bucket, and a bucket with many other files at its top level.
 */
import { dirname, join } from "node:path";
import { encodePng } from "../lib/image/png.ts";
import { keyOfFace } from "../lib/testing/gallery_store.ts";
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
  const title = `a bucket with 1000 faces and ${numbers.foreign} other files`;
  result.crowded = await measured(title, argsOf(crowded), numbers, crowded);

  console.log(JSON.stringify(result));
  return true;
}

/** Writes faces of yesterday at equal intervals. */
async function writeDay(folder: string, faces: number): Promise<void> {
  const startMs = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS;
  const keyOf = (count: number) =>
    keyOfFace(startMs + Math.floor(count * DAY_MS / faces), "door", count.toString(16).padStart(12, "0"));
  await Deno.mkdir(dirname(join(folder, keyOf(0))), { recursive: true });
  for (let count = 0; count < faces; count++) Deno.writeFileSync(join(folder, keyOf(count)), PNG);
}

function argsOf({ bucket, endpoint }: S3Server): string[] {
  return ["--store", `s3://${bucket}`, "--s3-endpoint", endpoint];
}

/** Measures one store. Each round starts a gallery, since the first page of a new gallery is the slowest. */
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
    const measure = async (name: string, work: () => Promise<unknown>) => {
      const startedMs = performance.now();
      const result = await work();
      (figures[name] ??= []).push(performance.now() - startedMs);
      return result;
    };
    const page = await measure("first_ms", () => pageOf(url)) as { ms: number; key: string }[];
    await measure("again_ms", () => pageOf(url));
    await measure("older_ms", () => pageOf(url, page.at(-1)));
    await measure("viewers_ms", () => Promise.all(Array.from({ length: viewers }, () => pageOf(url))));
    memory.sample();
    peakMb = Math.max(peakMb, memory.peakMb.get("gallery") ?? 0);
  }
  const medians = Object.entries(figures).map(([name, figures]) =>
    [name, Math.round(median(figures))] as const
  );
  const result: Record<string, number> = { ...Object.fromEntries(medians), peak_mb: Math.round(peakMb) };
  console.log(
    `${title}: first page ${result.first_ms} ms, again ${result.again_ms} ms, the next page ${result.older_ms} ms, ` +
      `for ${viewers} concurrent viewers ${result.viewers_ms} ms; ${result.peak_mb} MB peak`,
  );
  return result;
}

async function pageOf(url: string, before?: { ms: number; key: string }) {
  const query = before ? `?before=${encodeURIComponent(`${before.ms}_${before.key}`)}` : "";
  const { faces, error } = await (await fetch(`${url}api/faces${query}`)).json();
  if (!faces || faces.length === 0) throw new Error(`cannot load a page: ${error}`);
  return faces;
}

await runBench("gallery", bench);
