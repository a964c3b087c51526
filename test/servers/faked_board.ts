/** A board whose clock a test sets: what a program on it is told by the system, and nothing in the program itself. */
import { sourceCommand } from "../../lib/demo/child.ts";

/** The clock on the wall begins in 1970, synchronised by nobody. */
export class FakedBoard implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "board-" });

  constructor() {
    this.#write("offset", String(-Date.now()));
    this.#write("synchronised", "no");
    this.reboot();
    this.#answer("timedatectl", "synchronised");
    this.#answer("systemd-id128", "boot");
    this.#write(
      "clock.ts",
      `const { now } = Date;
      Date.now = () => now() + Number(Deno.readTextFileSync(${JSON.stringify(this.folder)} + "/offset"));`,
    );
  }

  /** What a time server does. */
  setClock(): void {
    this.#write("synchronised", "yes");
    this.#write("offset", "0");
  }

  /** Another boot, as far as a program that is started after it can tell. */
  reboot(): void {
    this.#write("boot", crypto.randomUUID().replaceAll("-", ""));
  }

  /** How to run a program on this board. */
  on(name: string): { command: string[]; env: Record<string, string> } {
    const [deno, run, ...rest] = sourceCommand(name);
    return {
      command: [deno, run, `--preload=${this.folder}/clock.ts`, ...rest],
      env: { PATH: `${this.folder}:${Deno.env.get("PATH")}` },
    };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }

  /** A program of the system that answers with what is in a file. */
  #answer(program: string, file: string): void {
    this.#write(program, `#!/bin/sh\ncat "${this.folder}/${file}"\n`);
    Deno.chmodSync(`${this.folder}/${program}`, 0o755);
  }

  /** Whole or not at all, since it is read at any moment. */
  #write(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.folder}/${file}.new`, text);
    Deno.renameSync(`${this.folder}/${file}.new`, `${this.folder}/${file}`);
  }
}
