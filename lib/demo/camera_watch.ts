/** Asks a detector of the demo how its camera is, by its `--health` address. */

/** Frames of the last seconds, for the rate. */
const WINDOW = 5;
const REQUEST_MS = 1_000;

/** One detector. Ask it once a second. */
export class CameraWatch {
  /** The URL of its `/readyz`; known once the detector listens. */
  url: string | undefined;
  /** Why the detector does not do its job; absent while it does, and before it was asked. */
  problem: string | undefined;
  #counts: { readonly ms: number; readonly frames: number }[] = [];

  /** @param name the camera's name. @param options.request fetches a URL. Tests replace it and the clock. */
  constructor(
    readonly name: string,
    private readonly options: {
      readonly request?: (url: string) => Promise<unknown>;
      readonly nowMs?: () => number;
    } = {},
  ) {}

  /** Frames per second; nothing before there were two answers. */
  get framesPerSecond(): number | undefined {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    if (!first || !last || last.ms === first.ms) return undefined;
    return (last.frames - first.frames) * 1000 / (last.ms - first.ms);
  }

  /** Asks once. A detector that does not answer now is asked again later. */
  async ask(): Promise<void> {
    if (this.url === undefined) return;
    const { request = fetchJson, nowMs = () => performance.now() } = this.options;
    const answer = await request(this.url).catch(() => undefined) as
      | { readonly status?: string; readonly why?: string; readonly done?: { readonly frames?: number } }
      | undefined;
    if (!answer) return;
    const frames = answer.done?.frames;
    // A camera that has not shown its first frame yet is no problem.
    this.problem = answer.status === "ok" || frames === undefined || frames === 0 ? undefined : answer.why;
    if (frames !== undefined) this.#counts = [...this.#counts, { ms: nowMs(), frames }].slice(-WINDOW);
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS) });
  return await response.json();
}
