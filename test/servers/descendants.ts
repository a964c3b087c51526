/** Every process that a process has started, and what these have started; the youngest last. */
export function descendants(pid: number): number[] {
  const parents = Array.from(Deno.readDirSync("/proc")).filter(({ name }) => /^\d+$/.test(name)).flatMap(
    ({ name }) => {
      try {
        const [, parent] = /\) \S (\d+)/.exec(Deno.readTextFileSync(`/proc/${name}/stat`))!;
        return [[Number(name), Number(parent)]];
      } catch {
        return []; // It has ended meanwhile.
      }
    },
  );
  const found = [pid];
  for (const one of found) {
    found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  }
  return found.slice(1);
}

/** Kills processes; those that have ended are skipped. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended, perhaps with the one before it.
    }
  }
}

/** False for a process that has ended, too. */
export function isFfmpeg(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`) === "ffmpeg\n";
  } catch {
    return false;
  }
}
