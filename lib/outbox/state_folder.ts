/**
 * The state folder of a detector: its lock, its small files, and the handling of damage. An entry that cannot be used is
 * moved into `damaged/`, whose size is limited, so that no damage can keep a program from starting.
 */
import { dirname, join } from "node:path";
import { type Disk, diskMessage, removeTemporaries } from "../durable_file.ts";
import { ConfigError, FatalError } from "../errors.ts";
import { atMost } from "../async/delay.ts";

/** How long a lock that another process holds is awaited. */
const LOCK_WAIT_MS = 1_000;

/** Maximum number of entries in `damaged/`; beyond it the oldest is removed. */
const MAX_SET_ASIDE = 20;
/** Maximum size of a damaged file; the rest is cut off. */
const MAX_SET_ASIDE_BYTES = 2 ** 20;

/** An entry of the state folder that could not be used. */
export interface Damage {
  /** The path inside the state folder. */
  readonly name: string;
  readonly reason: string;
}

/** A state folder, owned by one process at a time. */
export class StateFolder implements Disposable {
  #lock?: Deno.FsFile;
  #damages = 0;

  /** @param onDamage called for every entry that is set aside. */
  constructor(
    readonly path: string,
    private readonly disk: Disk,
    private readonly onDamage: (damage: Damage) => void,
  ) {}

  /**
   * Creates the folder if it is missing and locks it. Throws a ConfigError when another process has locked it, a
   * FatalError when the path leads through a file, and otherwise the error of the disk.
   */
  async open(): Promise<void> {
    try {
      await this.disk.makeFolder(this.path);
      this.#lock ??= await lockFolder(this.path);
    } catch (error) {
      if (!await isBehindFile(this.path, error)) throw error;
      throw new FatalError(
        `cannot use the state folder "${this.path}": a part of the path is a file`,
        "name a folder with --state DIR",
      );
    }
    await removeTemporaries(this.path);
  }

  /** How many entries were set aside since the start. */
  get damages(): number {
    return this.#damages;
  }

  pathOf(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Whether there is an entry of this name. */
  async has(name: string): Promise<boolean> {
    return await exists(this.pathOf(name));
  }

  /**
   * Creates a subfolder if it is missing, sets any other entry with its name aside, and removes the temporary files in
   * it. Returns whether the subfolder existed.
   */
  async folder(name: string): Promise<boolean> {
    const path = this.pathOf(name);
    let isThere = false;
    try {
      isThere = (await Deno.stat(path)).isDirectory;
      if (!isThere) await this.setAside(name, "not a folder");
    } catch (error) {
      if (await exists(path)) await this.setAside(name, linkMessage(error));
    }
    if (isThere && !await isReadable(path)) {
      await this.setAside(name, "no permission to read it");
      isThere = false;
    }
    await this.disk.makeFolder(path);
    await removeTemporaries(path);
    return isThere;
  }

  /** Sets an entry aside that is not a usable file, such as a folder or a pipe, so that the file can be created. */
  async file(name: string): Promise<void> {
    const path = this.pathOf(name);
    try {
      if (!(await Deno.stat(path)).isFile) return await this.setAside(name, "not a file");
      await makeUsable(path, 0o600);
      (await Deno.open(path, { read: true, write: true })).close();
    } catch (error) {
      const isItsOwn = error instanceof Deno.errors.PermissionDenied || await isBrokenLink(path);
      if (isItsOwn) await this.setAside(name, linkMessage(error));
    }
  }

  /** The text of a small file; nothing when it is missing, or damaged and therefore set aside. */
  async readSmall(name: string, pattern: RegExp, maxBytes: number): Promise<string | undefined> {
    const path = this.pathOf(name);
    let reason: string;
    try {
      const { isFile, size } = await Deno.stat(path);
      if (isFile && size <= maxBytes) {
        await makeUsable(path, 0o600);
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path)).trim();
        if (pattern.test(text)) return text;
      }
      reason = !isFile ? "not a file" : size === 0 ? "empty" : "damaged content";
    } catch (error) {
      if (isMissing(error) && !await exists(path)) return undefined;
      reason = error instanceof TypeError ? "not UTF-8" : linkMessage(error);
    }
    await this.setAside(name, reason);
    return undefined;
  }

  /** Moves an entry of the folder into `damaged/`. Throws when the disk cannot be written. */
  async setAside(name: string, reason: string): Promise<void> {
    const folder = this.pathOf("damaged");
    const time = new Date().toISOString().replaceAll(":", "-");
    const number = String(this.#damages++).padStart(6, "0");
    let kept = join(folder, `${time}_${number}_${name.replaceAll("/", "_")}`);
    try {
      await this.#makeDamagedFolder(folder);
      await this.disk.rename(this.pathOf(name), kept);
    } catch {
      // A full disk has no space for the folder, and another user's folder can be renamed but not moved.
      kept = this.pathOf(`${name}.damaged`);
      await this.disk.rename(this.pathOf(name), kept);
    }
    this.onDamage({ name, reason });
    // What cannot be cut or removed only takes space.
    if (dirname(kept) === folder) await keepWithinLimits(folder, kept).catch(() => {});
  }

  async #makeDamagedFolder(path: string): Promise<void> {
    try {
      await this.disk.makeFolder(path);
    } catch {
      await this.disk.remove(path); // A file or a link has the name.
      await this.disk.makeFolder(path);
    }
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
    this.#lock = undefined;
  }
}

/**
 * Locks the folder for this process. The operating system releases the lock however the process ends. The lock is on the
 * folder itself, so that it also works on a read-only disk. Throws a ConfigError when another process has locked it.
 */
async function lockFolder(folder: string): Promise<Deno.FsFile> {
  await makeUsable(folder, 0o700);
  const file = await Deno.open(folder, { read: true });
  let locked = false;
  let failure: unknown;
  const locking = file.lock(true).then(() => locked = true, (error) => failure = error);
  await atMost(LOCK_WAIT_MS, locking);
  if (locked || failure) return file; // A file system without locks: other processes cannot be excluded.
  locking.finally(() => file.close()); // A lock that comes too late is released.
  throw new ConfigError(
    `the state folder "${folder}" is in use by another detector`,
    "give --state DIR, one folder for each camera",
  );
}

/** Adds this user's permissions to an entry that is theirs. */
async function makeUsable(path: string, mode: number): Promise<void> {
  try {
    const present = (await Deno.stat(path)).mode ?? mode;
    if ((present & mode) !== mode) await Deno.chmod(path, (present & 0o777) | mode);
  } catch {
    // Another user's. Its use fails with the reason.
  }
}

/** Cuts a large file that was set aside, and removes the oldest entries beyond the limit. */
async function keepWithinLimits(folder: string, newest: string): Promise<void> {
  const { isFile, size } = await Deno.lstat(newest);
  if (isFile && size > MAX_SET_ASIDE_BYTES) await Deno.truncate(newest, MAX_SET_ASIDE_BYTES);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  for (const old of names.slice(0, -MAX_SET_ASIDE)) await Deno.remove(join(folder, old), { recursive: true });
}

function linkMessage(error: unknown): string {
  return isMissing(error) ? "a symbolic link to nothing" : diskMessage(error);
}

/** Whether this user can read a folder, after adding the permission where possible. */
async function isReadable(path: string): Promise<boolean> {
  await makeUsable(path, 0o700);
  try {
    for await (const _ of Deno.readDir(path)) break;
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.PermissionDenied);
  }
}

/** Whether the error means that the path leads through something that is not a folder. */
async function isBehindFile(path: string, error: unknown): Promise<boolean> {
  if (error instanceof Deno.errors.NotADirectory) return true;
  if (!(error instanceof Deno.errors.AlreadyExists)) return false;
  return await Deno.stat(path).then(({ isDirectory }) => !isDirectory, () => false);
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound;
}

/** Whether the entry is a link to nothing, or to itself. */
async function isBrokenLink(path: string): Promise<boolean> {
  return await exists(path) && !await Deno.stat(path).then(() => true, () => false);
}

/** Whether there is an entry of this name; a link to nothing counts. */
async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
