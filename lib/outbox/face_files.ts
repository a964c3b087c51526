/**
 * The files of the outbox, one for each face.
 *
 *     000000000042-SHA256              a face of the folder's epoch; the number orders it
 *     0011aabb2233ccdd-000000000042-…  a face of another epoch: an earlier one, or that of a run without a disk
 *     ….unsettled                      a provisional face: never sent, its bytes may change before it is
 *
 * `.unsettled` is what earlier versions wrote for provisional faces; a new suffix would hide their files from an older
 * version, and theirs from this one.
 */
import { join } from "node:path";
import type { Disk } from "../durable_file.ts";
import { identity, readFace } from "../face/face_file.ts";
import { isPlausible } from "../face/plausible_time.ts";
import type { StateFolder } from "./state_folder.ts";
import type { WaitingFace } from "./waiting_faces.ts";

const FOLDER = "outbox";
const PROVISIONAL = ".unsettled";
/** Maximum size of a face's file, as `--max-face` allows it. A larger file is set aside. */
const MAX_FACE_BYTES = 256 * 2 ** 20;
const FILE_NAME = /^(?:([\w-]{1,64})-)?(\d{12})-([0-9a-f]{64})(\.unsettled)?$/;

/** A face as its file's name describes it. Without an epoch it has the epoch of the folder. */
export interface FoundFace {
  readonly name: string;
  readonly id: string;
  readonly epoch?: string;
  readonly sequence: number;
  readonly bytes: number;
  /** Time since it was written, milliseconds; 0 where the clock was or is wrong. */
  readonly ageMs: number;
  readonly provisional: boolean;
}

/** The name of a face's file. */
export function nameOf(
  { id, epoch, sequence, provisional }: Pick<WaitingFace, "id" | "epoch" | "sequence" | "provisional">,
  epochOfFolder: string | undefined,
): string {
  const prefix = epoch === epochOfFolder ? "" : `${epoch}-`;
  return `${prefix}${String(sequence).padStart(12, "0")}-${id}${provisional ? PROVISIONAL : ""}`;
}

/** The folder of the faces. */
export class FaceFiles {
  constructor(private readonly state: StateFolder, private readonly disk: Disk) {}

  /**
   * Creates the folder if it is missing and lists its faces: those of other epochs first, each epoch by number.
   * `unusable` are entries with the name of a face that are not files of faces. `highest` is the highest number of the
   * folder's epoch, including unusable ones. `isNew` means that there was no folder, so that the highest number is
   * unknown.
   */
  async open(): Promise<{ faces: FoundFace[]; unusable: FoundFace[]; highest: number; isNew: boolean }> {
    const isNew = !await this.state.folder(FOLDER);
    const faces: FoundFace[] = [];
    const unusable: FoundFace[] = [];
    let highest = 0;
    for await (const { name } of Deno.readDir(this.pathOf())) {
      const [, epoch, number, id, ending] = FILE_NAME.exec(name) ?? [];
      if (number === undefined) continue; // Another program's file.
      const sequence = Number(number);
      if (epoch === undefined) highest = Math.max(highest, sequence);
      const file = await this.#sizeAndAge(name);
      const provisional = ending !== undefined;
      const face = { name, id, epoch, sequence, bytes: 0, ageMs: 0, provisional, ...file };
      (file ? faces : unusable).push(face);
    }
    faces.sort((a, b) => compare(a.epoch ?? "~", b.epoch ?? "~") || a.sequence - b.sequence);
    return { faces: await this.#withoutSuperseded(faces), unusable, highest, isNew };
  }

  /** Writes a face durably. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.disk.write(this.pathOf(name), bytes);
  }

  /** The bytes of a face; nothing when they do not match its identity. Throws a NotFound when the file is gone. */
  async read(name: string, id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await Deno.readFile(this.pathOf(name));
    return identity(bytes) === id ? bytes : undefined;
  }

  /** The epoch in a face's metadata; nothing when it cannot be read. */
  async epochIn({ name, id }: FoundFace): Promise<string | undefined> {
    try {
      return readFace((await this.read(name, id))!).metadata?.epoch;
    } catch {
      return undefined;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await this.disk.rename(this.pathOf(from), this.pathOf(to));
  }

  async remove(name: string): Promise<void> {
    await this.disk.remove(this.pathOf(name));
  }

  async setAside(name: string, reason: string): Promise<void> {
    await this.state.setAside(join(FOLDER, name), reason);
  }

  /** The size and the age of a face's file. Anything else is set aside, as far as the disk allows, and has neither. */
  async #sizeAndAge(name: string): Promise<Pick<FoundFace, "bytes" | "ageMs"> | undefined> {
    try {
      const { isFile, size, mode, mtime } = await Deno.lstat(this.pathOf(name));
      if (isFile && ((mode ?? 0o600) & 0o600) !== 0o600) {
        await Deno.chmod(this.pathOf(name), 0o600).catch(() => {});
      }
      if (isFile && size <= MAX_FACE_BYTES) return { bytes: size, ageMs: ageOf(mtime) };
      await this.setAside(name, isFile ? "too large" : "not a file");
    } catch {
      // The disk does not allow it. The next start finds the same entry.
    }
    return undefined;
  }

  /** Removes provisional faces that also exist as final ones: the process ended between writing one and removing the other. */
  async #withoutSuperseded(faces: readonly FoundFace[]): Promise<FoundFace[]> {
    const numberOf = ({ epoch = "", sequence }: FoundFace) => `${epoch} ${sequence}`;
    const final = new Set(faces.filter(({ provisional }) => !provisional).map(numberOf));
    const isSuperseded = (face: FoundFace) => face.provisional && final.has(numberOf(face));
    for (const { name } of faces.filter(isSuperseded)) await this.remove(name).catch(() => {});
    return faces.filter((face) => !isSuperseded(face));
  }

  /** The path of a face's file. */
  pathOf(name = ""): string {
    return this.state.pathOf(FOLDER, name);
  }
}

/** A time of a clock that was never set gives no age. */
function ageOf(written: Date | null, nowMs = Date.now()): number {
  if (!written || !isPlausible(written.getTime(), { nowMs })) return 0;
  return Math.max(0, nowMs - written.getTime());
}

const compare = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
