/** A small disk for one test, which can be filled and mounted read-only. */
import { type Skip, skipIfAny, skipUnless } from "../../lib/testing/skip.ts";
import { needs } from "../needs.ts";

/** Whether this process may mount: options for `Deno.test`, which skip it where it may not. */
export function needsMount(...parts: Parameters<typeof needs>): Skip {
  const mounts = skipUnless(
    canMount,
    "tests of full and read-only disks",
    "run them as root, with the right to mount",
  );
  return skipIfAny(mounts, needs(...parts));
}

/** A program may be stopped in the middle of a write for as long as the machine is busy. */
const REMOUNT_LIMIT_MS = 30_000;

/** A tmpfs. Needs root and, in a container, the right to mount. */
export class SmallDisk implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync({ prefix: "disk-" });
  #fillers = 0;
  #kib: number;

  constructor(kib: number) {
    this.#kib = kib;
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

  /** Gives the disk another size. */
  grow(kib: number): void {
    this.#kib = kib;
    if (!mount("-o", `remount,size=${kib}k`, this.path)) throw new Error("cannot remount");
  }

  /** The kernel refuses to make a disk read-only while a file is written: then this tries again. */
  set readOnly(isReadOnly: boolean) {
    const mode = isReadOnly ? "ro" : "rw";
    const endMs = performance.now() + REMOUNT_LIMIT_MS;
    while (!mount("-o", `remount,${mode},size=${this.#kib}k`, this.path)) {
      if (performance.now() > endMs) throw new Error(`cannot remount ${mode}`);
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
  Deno.removeSync(folder);
  return done;
}

function mount(...args: string[]): boolean {
  return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
}
