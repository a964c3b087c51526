/** A small disk of its own for one test, which can be filled, and be mounted read-only. */
import { needs } from "../needs.ts";

/** Whether this process may mount: options for `Deno.test`, which skip it where it may not. */
export function needsMount(...parts: Parameters<typeof needs>): { ignore: boolean } {
  return { ignore: !canMount || needs(...parts).ignore };
}

const REMOUNT_ATTEMPTS = 200;

/** A tmpfs. Needs root and, in a container, the right to mount. */
export class SmallDisk implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "disk-" });
  #fillers = 0;

  constructor(private readonly kib: number) {
    if (!mount("-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", this.path)) {
      throw new Error("cannot mount a tmpfs");
    }
  }

  /** Takes all the space that is left. */
  fill(): void {
    const file = Deno.openSync(`${this.path}/filler-${this.#fillers++}`, { createNew: true, write: true });
    try {
      for (const block = new Uint8Array(4_096);;) file.writeSync(block);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOSPC") throw error;
    } finally {
      file.close();
    }
  }

  /** Gives back what `fill` took. */
  empty(): void {
    for (const { name } of Deno.readDirSync(this.path)) {
      if (name.startsWith("filler-")) Deno.removeSync(`${this.path}/${name}`);
    }
  }

  /** The kernel refuses to make a disk read-only at the moment when a file is written: it is asked again. */
  set readOnly(isReadOnly: boolean) {
    const mode = isReadOnly ? "ro" : "rw";
    for (let attempt = 1; !mount("-o", `remount,${mode},size=${this.kib}k`, this.path); attempt++) {
      if (attempt === REMOUNT_ATTEMPTS) throw new Error(`cannot remount ${mode}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("umount", { args: ["--lazy", this.path] }).output();
    await Deno.remove(this.path);
  }
}

const canMount = Deno.uid() === 0 && isAllowed();

function isAllowed(): boolean {
  const folder = Deno.makeTempDirSync();
  const done = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
  if (done) new Deno.Command("umount", { args: [folder] }).outputSync();
  else console.warn("tests of full and read-only disks are skipped: this process may not mount");
  Deno.removeSync(folder);
  return done;
}

function mount(...args: string[]): boolean {
  return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
}
