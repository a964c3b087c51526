/**
 * What was notified, so that no copy of a face is notified again, also after a restart; and what still waits, so that
 * a summary covers it after a restart. One file, written whole. Without a folder it lives in memory.
 */
import { join } from "node:path";
import { DISK, type Disk, diskMessage, ignoreMissing, removeTemporaries } from "../durable_file.ts";
import { RecentMap } from "../recent_map.ts";
import { SERVICE_NAMES, type ServiceName, type SummaryFacts } from "./notification.ts";
import { readSummary } from "./summary.ts";

/** Number of latest faces, and of latest visits, that are remembered. */
const MAX_IDS = 1_000;
export const MAX_VISITS = 500;
/** A larger file is not ours. */
const MAX_FILE_BYTES = 2 ** 20;
const FILE = "notified.json";

type References = Partial<Record<ServiceName, string>>;

/** Reports of the disk: a reason when it fails, none when it works. */
export interface NoticeStateOptions {
  readonly folder?: string;
  readonly onDisk: (reason?: string) => void;
  readonly disk?: Disk;
}

export class NoticeState {
  /** Visits that were handled, with the references of their messages by service. */
  readonly visits = new RecentMap<string, References>(MAX_VISITS);
  /** What waited at the end of the last run. */
  readonly waited = new Map<ServiceName, SummaryFacts>();
  /** Returns what waits now. */
  waiting: () => Partial<Record<ServiceName, SummaryFacts>> = () => ({});
  /** Identities of faces whose receipt was handled. */
  readonly #ids = new RecentMap<string, true>(MAX_IDS);
  /** The write under way, and the one that begins after it. */
  #writing?: Promise<void>;
  #next?: Promise<void>;
  #isChanged = false;
  #isRead = false;

  private constructor(private readonly options: NoticeStateOptions) {}

  /** Reads the state. A damaged file is replaced by the next write: it never keeps a program from starting. */
  static async open(options: NoticeStateOptions): Promise<NoticeState> {
    const state = new NoticeState(options);
    const { folder, onDisk, disk = DISK } = options;
    if (folder === undefined) return state;
    try {
      await removeTemporaries(folder);
      await disk.makeFolder(folder);
      state.#read(await readWhole(join(folder, FILE)));
    } catch (error) {
      onDisk(diskMessage(error));
    }
    return state;
  }

  /** Whether it knows every visit that was sent, also before this run. */
  get isComplete(): boolean {
    return this.#isRead && this.visits.size < MAX_VISITS;
  }

  /** Whether a face was handled. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Remembers a face. Returns whether it was new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.set(id, true);
    this.#isChanged = true;
    return true;
  }

  /** Remembers the message of a visit. */
  sent(visitKey: string, service: ServiceName, reference: string | undefined): void {
    const references = this.visits.get(visitKey);
    if (references && reference !== undefined) references[service] = reference;
    this.#isChanged = true;
  }

  /** Writes what has changed; concurrent calls share a write. Never rejects. */
  save(): Promise<void> {
    this.#next ??= (this.#writing ?? Promise.resolve()).then(async () => {
      this.#writing = this.#next;
      this.#next = undefined;
      await this.#write();
    });
    return this.#next;
  }

  /** Writes what has changed since the last write, if anything has. */
  async saveChanges(): Promise<void> {
    if (this.#isChanged) await this.save();
  }

  async #write(): Promise<void> {
    const { folder, onDisk, disk = DISK } = this.options;
    if (folder === undefined) return;
    this.#isChanged = false;
    const content = {
      ids: [...this.#ids.keys()],
      visits: Object.fromEntries(this.visits),
      waiting: this.waiting(),
    };
    try {
      await disk.makeFolder(folder);
      await disk.write(join(folder, FILE), new TextEncoder().encode(JSON.stringify(content)));
      onDisk();
    } catch (error) {
      this.#isChanged = true;
      onDisk(diskMessage(error));
    }
  }

  #read(text: string): void {
    let content: { ids?: unknown; visits?: unknown; waiting?: unknown };
    try {
      content = JSON.parse(text) ?? {};
    } catch {
      return; // Empty at the first start.
    }
    this.#isRead = true;
    for (const id of listOf(content.ids)) {
      if (typeof id === "string" && /^[0-9a-f]{64}$/.test(id)) this.#ids.set(id, true);
    }
    for (const [key, references] of entriesOf(content.visits)) this.visits.set(key, referencesOf(references));
    for (const [name, facts] of entriesOf(content.waiting)) {
      const service = SERVICE_NAMES.find((one) => one === name);
      const summary = readSummary(facts);
      if (service && summary) this.waited.set(service, summary);
    }
  }
}

async function readWhole(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(ignoreMissing);
  return info && info.size <= MAX_FILE_BYTES ? await Deno.readTextFile(path) : "";
}

const listOf = (value: unknown): unknown[] => Array.isArray(value) ? value : [];
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

function referencesOf(value: unknown): References {
  const known = entriesOf(value).filter(([name, reference]) =>
    SERVICE_NAMES.some((one) => one === name) && typeof reference === "string" && reference.length <= 64
  );
  return Object.fromEntries(known);
}
