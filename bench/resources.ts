/** What processes cost: CPU time and memory, as Linux counts them under /proc. Source: proc(5). */

/** What Linux counts CPU time in towards programs, whatever its own clock is (USER_HZ). */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;

/**
 * The CPU time of subprocesses that have ended, with their own subprocesses: all threads, nothing sampled. Linux
 * adds it to this process when a child is waited for, so what was added since the last look belongs to the child
 * that has just ended. Children must end one at a time.
 */
export class EndedCpu {
  #seenMs = endedChildrenMs();
  /** CPU milliseconds by name. */
  readonly chargedMs = new Map<string, number>();

  /** Call it when a child has ended. Returns what that child cost, CPU milliseconds. */
  charge(name: string): number {
    const nowMs = endedChildrenMs();
    const costMs = nowMs - this.#seenMs;
    this.#seenMs = nowMs;
    this.chargedMs.set(name, (this.chargedMs.get(name) ?? 0) + costMs);
    return costMs;
  }
}

/** The largest resident memory of processes, which Linux remembers itself as long as they live (VmHWM). */
export class PeakMemory implements Disposable {
  /** MB (10^6 bytes) by name; of a program that was started again, the largest of all. */
  readonly peakMb = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param processes by name; the function says which process it is now, or throws when there is none. */
  constructor(private readonly processes: Readonly<Record<string, () => number>>) {
    this.#timer = setInterval(() => this.look(), SAMPLE_MS);
  }

  look(): void {
    for (const [name, pid] of Object.entries(this.processes)) {
      const mb = peakMbOf(pid);
      this.peakMb.set(name, Math.max(mb, this.peakMb.get(name) ?? 0));
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The fields cutime and cstime of /proc/self/stat; the second field may hold spaces, so it is cut off first. */
function endedChildrenMs(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 1000 / TICKS_PER_SECOND;
}

function peakMbOf(pid: () => number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid()}/status`);
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
  } catch {
    return 0; // It has ended.
  }
}
