/** A board whose clock a test sets: it replaces the system's answers, and nothing in the program itself. */
import { sourceCommand } from "../../lib/demo/child.ts";

/** The wall clock begins in 1970 and is not synchronised. */
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

  /** Sets the clock, like a time server. */
  setClock(): void {
    this.#write("synchronised", "yes");
    this.#write("offset", "0");
  }

  /** Simulates another boot for the programs that are started later. */
  reboot(): void {
    this.#write("boot", crypto.randomUUID().replaceAll("-", ""));
  }

  /** The options that run a program on this board. */
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

  /** A program of the system that prints the content of a file. */
  #answer(program: string, file: string): void {
    this.#write(program, `#!/bin/sh\ncat "${this.folder}/${file}"\n`);
    Deno.chmodSync(`${this.folder}/${program}`, 0o755);
  }

  /** Writes the file in one step: it is read at any moment. */
  #write(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.folder}/${file}.new`, text);
    Deno.renameSync(`${this.folder}/${file}.new`, `${this.folder}/${file}`);
  }
}
