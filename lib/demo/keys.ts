/** Single keys from the terminal, without Enter. */

const DECODER = new TextDecoder();

/** Reads keys until it is disposed of; then the terminal is as it was. */
export class Keys implements Disposable {
  #isRaw = false;

  /** Starts to read. Ctrl-C stays a signal. @param onKey called for each key, in lower case. */
  constructor(onKey: (key: string) => void) {
    try {
      Deno.stdin.setRaw(true, { cbreak: true });
      this.#isRaw = true;
    } catch {
      return; // The terminal is closed.
    }
    globalThis.addEventListener("unload", this.#restore); // The exit after a second Ctrl-C.
    void this.#read(onKey);
  }

  async #read(onKey: (key: string) => void): Promise<void> {
    const buffer = new Uint8Array(64);
    while (this.#isRaw) {
      const length = await Deno.stdin.read(buffer).catch(() => null);
      if (length === null || !this.#isRaw) return;
      for (const key of DECODER.decode(buffer.subarray(0, length))) onKey(key.toLowerCase());
    }
  }

  [Symbol.dispose](): void {
    this.#restore();
    globalThis.removeEventListener("unload", this.#restore);
  }

  readonly #restore = () => {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is closed.
    }
  };
}

/** Whether keys can be read: a program in the background of a terminal would be stopped by the system. */
export async function hasKeyboard(): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) return false;
  try {
    const ps = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${Deno.pid}`], stderr: "null" });
    const state = new TextDecoder().decode((await ps.output()).stdout).trim();
    return state === "" || state.includes("+"); // ps(1): + is in the foreground process group.
  } catch {
    return true; // No ps here.
  }
}
