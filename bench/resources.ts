/** CPU time and memory of processes, read from /proc. Source: proc(5). */
import { descendants } from "../test/servers/descendants.ts";

/** The unit of CPU time in /proc on all architectures (USER_HZ). */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 50;

/**
 * The CPU time of ended subprocesses with their own subprocesses: all threads, not sampled. Linux adds it to this process
 * when it waits for a child. The increase since the last call belongs to the child that ended last, so children must end
 * one at a time.
 */
export class EndedCpu {
  #seenMs = endedChildrenMs();
  /** CPU milliseconds by name. */
  readonly chargedMs = new Map<string, number>();

  /** Call it when a child has ended. Returns the CPU time of that child in milliseconds. */
  charge(name: string): number {
    const nowMs = endedChildrenMs();
    const costMs = nowMs - this.#seenMs;
    this.#seenMs = nowMs;
    this.chargedMs.set(name, (this.chargedMs.get(name) ?? 0) + costMs);
    return costMs;
  }
}

/** The peak resident memory of processes, which Linux keeps until a process ends (VmHWM). */
export class PeakMemory implements Disposable {
  /** MB (10^6 bytes) by name; the maximum over the restarts of a program. */
  readonly peakMb = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param processes functions by name that return the current process id, or throw when there is none. */
  constructor(private readonly processes: Readonly<Record<string, () => number>>) {
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  sample(): void {
    for (const [name, pid] of Object.entries(this.processes)) {
      const mb = peakMbOf(pid);
      this.peakMb.set(name, Math.max(mb, this.peakMb.get(name) ?? 0));
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/**
 * CPU milliseconds so far of a running process with its ended subprocesses, and of its running subprocesses. Unlike
 * `EndedCpu` for a part of a run; each process is precise to a tick of 10 ms.
 */
export function runningCpuMs(pid: number): { own: number; children: number } {
  const children = descendants(pid).map((child) => processMs(child));
  return { own: processMs(pid), children: children.reduce((sum, ms) => sum + ms, 0) };
}

/** User and system time of a process and of its ended subprocesses; 0 when it has ended. */
function processMs(pid: number): number {
  try {
    return sumOfFields(`/proc/${pid}/stat`, [11, 12, 13, 14]);
  } catch {
    return 0;
  }
}

/** The fields cutime and cstime of /proc/self/stat; the second field may hold spaces, so it is cut off first. */
function endedChildrenMs(): number {
  return sumOfFields("/proc/self/stat", [13, 14]);
}

/** The sum of fields of a file `stat`, in milliseconds. The first field counted is the third one, the state. */
function sumOfFields(path: string, fields: readonly number[]): number {
  const stat = Deno.readTextFileSync(path);
  const values = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.reduce((sum, field) => sum + Number(values[field]), 0) * 1000 / TICKS_PER_SECOND;
}

function peakMbOf(pid: () => number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid()}/status`);
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
  } catch {
    return 0; // The process has ended.
  }
}
