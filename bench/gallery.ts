/**
 * bench:gallery: measures how long a viewer waits for the first page, thumbnails, older visits and the counts of a day, and
 * the memory of the gallery, with 100, 10,000 and 100,000 faces: from a folder and from a bucket, with and without an index
 * on disk, and in a bucket with many other files at its top level.
 */
import { join } from "node:path";
import { delay } from "../lib/async/delay.ts";
import { RunningProgram } from "../test/servers/run_program.ts";
import { S3Server } from "../test/servers/s3_server.ts";
import { writeFaces } from "./gallery_faces.ts";
import { PeakMemory } from "./resources.ts";
import { median, partsWith, readNumbers, runBench } from "./run_bench.ts";
import { Scratch } from "./scratch.ts";

const USAGE =
  "deno task bench:gallery [--faces 100000] [--day 10000] [--foreign 200000] [--rounds 3] [--viewers 10]";
const DAY_MS = 24 * 3_600_000;
/** Browsers load at most this many pictures at once over HTTP/1.1. */
const PICTURES_AT_ONCE = 6;
/** Pages that are read one after the other, as by scrolling. */
const SCROLLED_PAGES = 10;
const POLL_MS = 200;

interface Numbers {
  readonly rounds: number;
  readonly viewers: number;
}

async function bench(): Promise<boolean> {
  const defaults = { faces: 100_000, day: 10_000, foreign: 200_000, rounds: 3, viewers: 10 };
  const numbers = readNumbers(defaults, USAGE);
  partsWith("versitygw");
  await using scratch = new Scratch();
  const result: Record<string, unknown> = {};
  const sizes = [...new Set([100, numbers.day, numbers.faces])].sort((a, b) => a - b);
  for (const faces of sizes) {
    const of = `${faces} faces, ${Math.min(faces, numbers.day)} of them of one day`;
    const folder = await scratch.folder();
    await writeFaces(folder, { faces, day: numbers.day });
    result[`folder_${faces}`] = await measured(`a folder with ${of}`, ["--store", folder], numbers, scratch);

    await using bucket = await S3Server.start();
    const top = join(bucket.folder, bucket.bucket);
    await writeFaces(top, { faces, day: numbers.day });
    result[`bucket_${faces}`] = await measured(
      `a bucket with ${of}`,
      argsOf(bucket),
      numbers,
      scratch,
      bucket,
    );
    if (faces !== sizes[0]) continue;
    for (let count = 0; count < numbers.foreign; count++) {
      Deno.writeTextFileSync(join(top, `IMG_${count}.txt`), "x");
    }
    const title = `the same bucket with ${numbers.foreign} other files`;
    result.crowded = await measured(title, argsOf(bucket), numbers, scratch, bucket);
  }
  console.log(JSON.stringify(result));
  return true;
}

function argsOf({ bucket, endpoint }: S3Server): string[] {
  return ["--store", `s3://${bucket}`, "--s3-endpoint", endpoint];
}

/** Measures one store. Each round starts a gallery without a cache folder's content, and one that finds it. */
async function measured(
  title: string,
  args: readonly string[],
  { rounds, viewers }: Numbers,
  scratch: Scratch,
  server?: S3Server,
): Promise<Record<string, number>> {
  const times = new Times();
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    const cache = await scratch.folder();
    for (const kind of ["cold", "warm"] as const) {
      await using gallery = new RunningProgram(
        "gallery",
        ["--listen", "127.0.0.1:0", "--cache", cache, ...args],
        { env: server?.credentials },
      );
      using memory = new PeakMemory({ gallery: () => gallery.pid });
      const [, url] = await gallery.printed(/gallery at (http:\S+)/);
      await look(url, times.of(kind), viewers);
      memory.sample();
      peakMb = Math.max(peakMb, memory.peakMb.get("gallery") ?? 0);
      gallery.signal("SIGTERM"); // It writes the last lines of the index.
      await gallery.ended();
    }
  }
  const result: Record<string, number> = { ...times.medians(), peak_mb: Math.round(peakMb) };
  console.log(`${title}:`);
  for (const kind of ["cold", "warm"]) {
    const ms = (name: string) => `${result[`${kind}_${name}_ms`]} ms`;
    console.log(
      `  ${kind}: first page ${ms("first")}, its thumbnails ${ms("thumbs")}, again ${ms("again")}, ` +
        `a page further ${ms("scroll")}, ${viewers} viewers at once ${ms("viewers")}, ` +
        `counts of the day ${ms("day")}, all of it ${ms("complete")}`,
    );
  }
  console.log(`  ${result.peak_mb} MB peak`);
  return result;
}

type Measure = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** What a viewer does, each step measured. */
async function look(url: string, measure: Measure, viewers: number): Promise<void> {
  const toMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS - DAY_MS; // The faces are of yesterday and before.
  const range = `from=${toMs - DAY_MS}&to=${toMs}`;
  const page = (before?: string) =>
    get(`${url}api/visits?${range}${before === undefined ? "" : `&before=${encodeURIComponent(before)}`}`);
  // A page asks for both at once, and shows the visits as soon as they are there.
  const counts = measure("day", () => get(`${url}api/day?${range}`));
  const first = await measure("first", () => page());
  if (first.visits.length === 0) throw new Error("the first page is empty");
  await counts;
  await measure("thumbs", () => pictures(url, first.visits));
  await measure("again", () => page());
  let next = first.next;
  for (let count = 0; count < SCROLLED_PAGES && next !== null; count++) {
    next = (await measure("scroll", () => page(next))).next;
  }
  await measure("viewers", () => Promise.all(Array.from({ length: viewers }, () => page())));
  await measure("complete", async () => {
    while (!(await get(`${url}api/day?${range}`)).complete) await delay(POLL_MS);
  });
}

/** Loads the thumbnails of a page, some at a time. */
async function pictures(url: string, visits: { best: number; faces: { thumb: string }[] }[]): Promise<void> {
  const left = visits.map(({ best, faces }) => faces[best].thumb);
  const load = async () => {
    for (let thumb = left.pop(); thumb !== undefined; thumb = left.pop()) {
      const response = await fetch(url + thumb);
      if (!response.ok) throw new Error(`cannot load a thumbnail: ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: PICTURES_AT_ONCE }, load));
}

async function get(address: string) {
  const answer = await (await fetch(address)).json();
  if (answer.error) throw new Error(`cannot load "${address}": ${answer.error}`);
  return answer;
}

/** Times of all rounds by name. */
class Times {
  readonly #ms: Record<string, number[]> = {};

  of(kind: string): Measure {
    return async (name, work) => {
      const startedMs = performance.now();
      const result = await work();
      (this.#ms[`${kind}_${name}_ms`] ??= []).push(performance.now() - startedMs);
      return result;
    };
  }

  medians(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#ms).map(([name, ms]) => [name, Math.round(median(ms))]));
  }
}

await runBench("gallery", bench);
