/** The smallest whole pipeline: a detector with its state folder, one broker, and a saver with a folder. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { filesIn } from "../../lib/testing/files.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { StateAccount } from "./state_account.ts";

/** The state of the faces of all starts of the detector. */
export interface Fate {
  /** `EPOCH/SEQUENCE` of each face, as often as it is stored. */
  readonly stored: string[];
  readonly waiting: string[];
  /** The ledger's entries that no late receipt has corrected, with their reasons. */
  readonly inLedger: Map<string, string>;
  /** Those of them that may be stored: the ledger records that they were sent. */
  readonly unconfirmed: Set<string>;
}

/** A broker and a saver, and the detectors of one state folder. */
export class Door extends StateAccount implements AsyncDisposable {
  readonly #store = Deno.makeTempDirSync({ prefix: "store-" });
  saver!: RunningProgram;

  private constructor(readonly broker: Mosquitto, state: string) {
    super(state);
  }

  static async open(state: string): Promise<Door> {
    const door = new Door(await Mosquitto.start(), state);
    door.saver = new RunningProgram("saver", ["--store", door.#store, "--broker", door.broker.url]);
    await door.saver.printed(/connected to the broker/);
    return door;
  }

  /** A detector that repeats the sample, about ten faces a second. */
  detector(
    args: readonly string[] = [],
    options: ConstructorParameters<typeof RunningProgram>[2] = {},
  ): RunningProgram {
    const way = ["--broker", this.broker.url, "--state", this.state, "--retry", "1"];
    const pace = ["--source", "sample", "--realtime", "--rate", "20", "--health", "127.0.0.1:0"];
    return new RunningProgram("detector", [...pace, ...way, ...args], options);
  }

  /** The number of stored faces. */
  async stored(): Promise<number> {
    return (await this.#stored()).length;
  }

  async fate(): Promise<Fate> {
    const [waiting, inLedger, unconfirmed] = [this.waiting(), this.ledger(), this.unconfirmed()];
    return { stored: await this.#stored(), waiting, inLedger, unconfirmed };
  }

  async #stored(): Promise<string[]> {
    const faces: string[] = [];
    for await (const path of filesIn(this.#store)) {
      if (path.endsWith(".tmp")) continue;
      const { epoch, sequence } = readFace(await Deno.readFile(path)).metadata!;
      faces.push(`${epoch}/${sequence}`);
    }
    return faces;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.saver.kill();
    await this.broker[Symbol.asyncDispose]();
    await Deno.remove(this.#store, { recursive: true });
  }
}

/**
 * Asserts that no number is stored twice, that the ledger evicts no stored face, and that every number up to
 * the highest of each epoch is stored, waits, or is in the ledger. Returns the number of evicted faces.
 */
export function assertExplained({ stored, waiting, inLedger, unconfirmed }: Fate): number {
  const known = new Set(stored);
  assert.equal(known.size, stored.length, "no number is stored twice");
  const lies = Array.from(inLedger.keys()).filter((number) => known.has(number) && !unconfirmed.has(number));
  assert.deepEqual(lies, [], "the ledger evicts no stored face");
  for (const number of [...waiting, ...inLedger.keys()]) known.add(number);
  const highest = new Map<string, number>();
  for (const number of known) {
    const [epoch, sequence] = number.split("/");
    highest.set(epoch, Math.max(highest.get(epoch) ?? 0, Number(sequence)));
  }
  const unexplained: string[] = [];
  for (const [epoch, last] of highest) {
    for (let sequence = 1; sequence <= last; sequence++) {
      if (!known.has(`${epoch}/${sequence}`)) unexplained.push(`${epoch}/${sequence}`);
    }
  }
  assert.deepEqual(unexplained, [], "every number is stored, waits or is in the ledger");
  return inLedger.size;
}
