/**
 * What a detector remembers of Home Assistant, as the file `home_assistant.json` in its state folder: what it has
 * published there, so that it can remove it, and the settings that were changed from there.
 */
import { join } from "node:path";
import { DISK, type Disk } from "../durable_file.ts";

const FILE = "home_assistant.json";
/** A larger file was not written by a detector. */
const MAX_BYTES = 64 * 1024;
/** Maximum number of entries in each part; the others are ignored. */
const MAX_ENTRIES = 64;
const MAX_TEXT = 300;

/** What is remembered. */
export interface Remembered {
  /** The retained topics, the discovery topic among them. */
  readonly topics: readonly string[];
  /** The entities of the device, by platform. */
  readonly components: Readonly<Record<string, string>>;
  /** Changed settings by their names as flags, with the text that the setting reads. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The file of one state folder. */
export class Memory {
  readonly path: string;

  constructor(private readonly folder: string, private readonly disk: Disk = DISK) {
    this.path = join(folder, FILE);
  }

  /** Reads the file; undefined where there is none, or none that can be used: `onDamage` gets the reason. */
  async read(onDamage: (reason: string) => void): Promise<Remembered | undefined> {
    try {
      const { size } = await Deno.stat(this.path);
      if (size > MAX_BYTES) throw new Error(`it has ${size} bytes`);
      return remembered(JSON.parse(await Deno.readTextFile(this.path)));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) onDamage((error as Error).message);
      return undefined;
    }
  }

  /** Writes the file durably. Rejects with the error of the disk. */
  async write(value: Remembered): Promise<void> {
    await this.disk.makeFolder(this.folder);
    await this.disk.write(this.path, new TextEncoder().encode(JSON.stringify(value, undefined, 2) + "\n"));
  }

  /** Removes the file. */
  async remove(): Promise<void> {
    await this.disk.remove(this.path);
  }
}

/** Takes what has the expected form. Throws when nothing has. */
function remembered(value: unknown): Remembered {
  if (typeof value !== "object" || value === null) throw new Error("it is not a JSON object");
  const { topics, components, settings } = value as Record<string, unknown>;
  return {
    topics: (Array.isArray(topics) ? topics.slice(0, MAX_ENTRIES) : []).filter(isTopic),
    components: texts(components),
    settings: texts(settings),
  };
}

/** A topic of a detector: nothing else is ever removed, whatever the file holds. */
function isTopic(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT &&
    /^(homeassistant\/device\/haarlem_[\w-]+\/config|haarlem\/[\w-]+\/detector-[\w-]+\/[\w/-]+)$/.test(value);
}

function texts(value: unknown): Record<string, string> {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter(([, text]) => typeof text === "string" && text.length <= MAX_TEXT).slice(0, MAX_ENTRIES),
  );
}
