/** Ends the programs of a demo that was killed (`kill -9`): such a demo cannot end them itself. */
import { sendSignal } from "../send_signal.ts";

/**
 * A shell that reads the pids of the programs from a pipe. The pipe ends when the demo does. Each program leads a process
 * group, so `-PID` also names what it has started. `$1` is the demo's temporary folder.
 */
const SCRIPT = `
groups=
while read -r pid; do groups="$groups -$pid"; done
[ -z "$groups" ] || kill -s KILL -- $groups
sleep 1
rm -rf -- "$1"
`;

/** Outlives this process, and then kills programs and removes a folder. Disposal ends it without either. */
export class Guard implements AsyncDisposable {
  readonly #shell: Deno.ChildProcess;
  readonly #pids: WritableStreamDefaultWriter<Uint8Array>;

  constructor(folder: string) {
    this.#shell = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "haarlem-demo-guard", folder],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true, // Ctrl-C and the end of the terminal do not reach it.
    }).spawn();
    this.#pids = this.#shell.stdin.getWriter();
  }

  /** Adds the leader of a process group. */
  add(pid: number): void {
    this.#pids.write(new TextEncoder().encode(`${pid}\n`)).catch(() => {}); // Somebody has killed the shell.
  }

  /** Ends the shell at once: the caller has ended the programs. */
  kill(): void {
    sendSignal(this.#shell, "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#shell.status;
    await this.#pids.abort().catch(() => {});
  }
}
