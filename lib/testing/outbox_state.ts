/** A state folder, a disk that fails on demand, and faces for an outbox. For tests. */
import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import { identity, writeFace } from "../face/face_file.ts";
import { DISK, type Disk } from "../durable_file.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { OutboxLimits, OutboxOptions } from "../outbox/outbox_options.ts";
import { type CommandResult, output } from "./command.ts";
import { ROOT } from "./files.ts";

export const ROOMY: OutboxLimits = { maxFaces: 1_000, maxBytes: 1_000_000_000 };

/** The fields of the ledger's lines. */
interface LedgerLine {
  sequence: number;
  id: string;
  reason: string;
  epoch: string;
  sent?: boolean;
  stored?: boolean;
  damaged?: string;
}

/** A disk that fails on demand. */
export class FaultyDisk implements Disk {
  /** The error that writes throw, such as `ENOSPC`; nothing while the disk works. */
  fault?: string;
  /** Whether an operation fails; a full disk fails to write and to make folders only. */
  fails = (what: keyof Disk, _path: string): boolean => this.fault !== "ENOSPC" || /write$|make/.test(what);

  write = (path: string, bytes: Uint8Array) => this.#do("write", path, () => DISK.write(path, bytes));
  overwrite = (path: string, at: number, bytes: Uint8Array) =>
    // A full disk still takes what overwrites existing space.
    this.fault === "ENOSPC" && at + bytes.length <= Deno.statSync(path).size
      ? DISK.overwrite(path, at, bytes)
      : this.#do("overwrite", path, () => DISK.overwrite(path, at, bytes));
  reuse = (from: string, to: string, bytes: Uint8Array) =>
    this.#do("reuse", from, () => DISK.reuse(from, to, bytes));
  rename = (from: string, to: string) => this.#do("rename", from, () => DISK.rename(from, to));
  remove = (path: string) => this.#do("remove", path, () => DISK.remove(path));
  makeFolder = (path: string) => this.#do("makeFolder", path, () => DISK.makeFolder(path));

  async #do(what: keyof Disk, path: string, work: () => Promise<void>): Promise<void> {
    if (this.fault !== undefined && this.fails(what, path)) {
      throw Object.assign(new Error(`${this.fault} (os error 1): ${what} '${path}'`), { code: this.fault });
    }
    await work();
  }
}

/** A temporary state folder. */
export class State implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  /** A copy of the folder as the next start would find it after a kill now. */
  afterKill(): State {
    const copy = new State();
    const { success } = new Deno.Command("cp", { args: ["-a", `${this.path}/.`, copy.path] }).outputSync();
    assert.ok(success);
    return copy;
  }

  open(limits: Partial<OutboxLimits> = {}, options: OutboxOptions = {}): Promise<Outbox> {
    return Outbox.open(this.path, { ...ROOMY, ...limits }, options);
  }

  /** Numbers of the faces' files in the outbox, and names of other files. */
  files(): (number | string)[] {
    const names = Array.from(Deno.readDirSync(`${this.path}/outbox`), ({ name }) => name).sort();
    return names.map((name) => /^\d{12}-[0-9a-f]{64}$/.test(name) ? Number(name.slice(0, 12)) : name);
  }

  file(sequence: number): string {
    const prefix = String(sequence).padStart(12, "0");
    const [found] = Array.from(Deno.readDirSync(`${this.path}/outbox`)).filter(({ name }) =>
      name.startsWith(prefix)
    );
    return `${this.path}/outbox/${found.name}`;
  }

  ledger(): LedgerLine[] {
    try {
      const text = Deno.readTextFileSync(`${this.path}/ledger.jsonl`);
      return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    } catch {
      return [];
    }
  }

  /** Puts the state folder on a disk of 256 KiB until it is disposed of. Only root can. */
  onSmallDisk(): Disposable {
    const command = (name: string, ...args: string[]) =>
      new Deno.Command(name, { args }).outputSync().success;
    assert.ok(command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", this.path));
    return { [Symbol.dispose]: () => void command("umount", this.path) };
  }

  /** Runs statements in another process, which opens the outbox first. */
  elsewhere(statements: string, wrapper: readonly string[] = []): Promise<CommandResult> {
    const script = `
      import { Outbox } from "${import.meta.resolve("../outbox/outbox.ts")}";
      import { add, addFace, addProvisional } from "${import.meta.url}";
      const outbox = await Outbox.open(${JSON.stringify(this.path)}, ${JSON.stringify(ROOMY)});
      ${statements}`;
    const [program, ...args] = [...wrapper, Deno.execPath(), "eval", "--quiet", script];
    return output(program, args, { cwd: ROOT });
  }

  /** Runs statements in another process, which then kills itself with signal 9. */
  async killed(statements: string): Promise<void> {
    const { signal, stderr } = await this.elsewhere(`${statements}\nDeno.kill(Deno.pid, "SIGKILL");`);
    assert.equal(signal, "SIGKILL", stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Adds a face under the next number and returns its id. */
export async function add(outbox: Outbox, size = 100, { provisional = false } = {}): Promise<string> {
  const sequence = outbox.nextSequence();
  const bytes = new Uint8Array(size).fill(sequence);
  const id = identity(bytes);
  await outbox.add(id, sequence, bytes, { provisional });
  return id;
}

/** Adds a provisional face. */
export function addProvisional(outbox: Outbox, size?: number): Promise<string> {
  return add(outbox, size, { provisional: true });
}

/** The numbers of the waiting faces. */
export const waiting = (outbox: Outbox) => Array.from(outbox.waiting(), ({ sequence }) => sequence);

/** Adds a real face with its number in its metadata. */
export async function addFace(outbox: Outbox): Promise<void> {
  const metadata = { ...METADATA, epoch: outbox.epoch, sequence: outbox.nextSequence() };
  const { id, bytes } = writeFace({ width: 8, height: 8, rgb: new Uint8Array(192) }, metadata);
  await outbox.add(id, metadata.sequence, bytes, { epoch: metadata.epoch });
}

const METADATA = {
  camera: "door",
  device: "board",
  captured: "2026-11-26T12:00:00.000Z",
  box: { x: 0, y: 0, width: 8, height: 8 },
  crop: { x: 0, y: 0, width: 8, height: 8 },
  frame: { width: 8, height: 8 },
  cascade: "x.xml",
  settings: {},
} as Omit<FaceMetadata, "epoch" | "sequence">;
