/** One fault in the middle of the whole pipeline, and an account of every numbered face after it. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { encodePng } from "../../lib/image/png.ts";
import { AlmostS3, type Fault, type S3Request } from "../servers/almost_s3.ts";
import { CutLink } from "../servers/cut_link.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { Pipeline } from "./pipeline.ts";
import { StateAccount } from "./state_account.ts";
import { until } from "../../lib/testing/until.ts";

/** The state of the faces of one run. */
export interface Account {
  /** Numbers that the detector gave to faces. */
  readonly faces: number;
  /** Reasons in the ledger for faces that are not stored. */
  readonly givenUp: readonly string[];
  /** Objects beyond the first of one number. */
  readonly twice: number;
  /** Numbers that are not stored, do not wait and are not in the ledger, and wrong entries of the ledger. */
  readonly unexplained: readonly string[];
}

/** Options of a run. */
export interface FaultRunOptions {
  /** The saver connects to the S3 server directly, without the proxy that can answer in its place. */
  readonly direct?: boolean;
  /** The answer of S3 from the start. */
  readonly fault?: (request: S3Request, s3: AlmostS3) => ReturnType<Fault>;
  readonly saver?: readonly string[];
  /** State folder of the detector, instead of the pipeline's. */
  readonly state?: string;
}

/** Longer than a busy machine stops the test, whose proxy then answers late. */
const SAVER = ["--s3-timeout", "5"];
/** Minimum number of faces that wait before a fault is ended. */
const WAITING = 12;

/** detector -> Mosquitto -> forwarder -> Mosquitto -> saver -> cable -> proxy -> versitygw */
export class FaultRun extends StateAccount implements AsyncDisposable {
  detector: RunningProgram;
  /** The faces that ended detectors reported; `undefined` once one was killed. */
  #reported: number | undefined = 0;

  private constructor(
    readonly pipeline: Pipeline,
    readonly s3: AlmostS3,
    /** The cable between saver and S3. */
    readonly s3Link: CutLink,
    private readonly saverArgs: readonly string[],
    state: string,
  ) {
    super(state);
    this.detector = this.#startDetector();
  }

  /** Starts everything and waits until faces are being stored. */
  static async start({ direct = false, fault, saver = [], state }: FaultRunOptions): Promise<FaultRun> {
    const s3 = await AlmostS3.start();
    if (fault) s3.fault = (request) => fault(request, s3);
    const link = new CutLink(direct ? s3.real.port : Number(new URL(s3.endpoint).port));
    const store = { server: s3.real, endpoint: `http://127.0.0.1:${link.port}` };
    const args = [...SAVER, ...saver];
    const pipeline = await Pipeline.start({ store, saver: args });
    const run = new FaultRun(pipeline, s3, link, args, state ?? pipeline.state);
    await run.storesMore(3);
    return run;
  }

  startSaver(): void {
    this.pipeline.startSaver(this.saverArgs);
  }

  /** kill -9 of the detector, while a face waits, and its next start. */
  async restartDetector(): Promise<void> {
    await until(() => this.waiting().length > 0, "a face waits", { folder: this.state });
    await this.detector.kill();
    this.#reported = undefined;
    this.detector = this.#startDetector();
    await this.detector.printed(/first frame/);
  }

  /** `EPOCH/SEQUENCE` of each object. */
  async stored(): Promise<string[]> {
    return Array.from((await this.s3.real.pictures()).values(), (bytes) => {
      const { epoch, sequence } = readFace(bytes).metadata!;
      return `${epoch}/${sequence}`;
    });
  }

  async storesMore(faces: number): Promise<void> {
    const before = (await this.stored()).length;
    const areStored = async () => (await this.stored()).length >= before + faces;
    await until(areStored, `${faces} more faces are stored`, { folder: this.s3.real.folder });
  }

  /** Resolves when the fault has stopped {@link WAITING} faces, in the outbox or in memory, and `resent` were sent again. */
  async stopsFaces({ resent = 0 } = {}): Promise<void> {
    const before = await this.#count();
    const isStopped = async () => {
      const now = await this.#count();
      return now.waiting >= WAITING && now.resent >= before.resent + resent;
    };
    await until(isStopped, `${WAITING} faces wait, ${resent} were sent again`);
  }

  /** Resolves when every face that waits at this moment has left the outbox without another start. */
  async recovers(): Promise<void> {
    const waited = this.waiting();
    const left = () => {
      const waiting = new Set(this.waiting());
      return waited.every((number) => !waiting.has(number));
    };
    await until(left, "the faces that waited have left the outbox", { folder: this.state });
    await this.storesMore(1);
  }

  /** Ends the detector as systemd does, lets another one send the waiting faces, and accounts for every number. */
  async account(): Promise<Account> {
    this.detector.signal("SIGTERM");
    const { code, stderr } = await this.detector.ended();
    assert.equal(code, 0, stderr);
    if (this.#reported !== undefined) this.#reported += facesOf(stderr);
    const blank = await Deno.makeTempFile({ suffix: ".png" });
    await Deno.writeFile(blank, encodePng({ width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) }));
    await using last = this.#startDetector(["--source", blank, "--once"]);
    const ended = await last.ended();
    await Deno.remove(blank);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(this.waiting(), [], "no face waits any more");
    return accountOf(this, await this.stored(), this.#reported);
  }

  #startDetector(source: readonly string[] = ["--source", "sample", "--realtime", "--rate", "20"]) {
    const args = ["--broker", this.pipeline.edge.url, "--state", this.state, "--retry", "1"];
    return new RunningProgram("detector", [...source, ...args, "--health", "127.0.0.1:0"]);
  }

  async #count(): Promise<{ waiting: number; resent: number }> {
    const [, address] = await this.detector.printed(/health at (http:\S+\/)healthz/);
    return (await (await fetch(`${address}healthz`)).json()).done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detector.kill();
    await this.pipeline[Symbol.asyncDispose]();
    await this.s3Link[Symbol.asyncDispose]();
    await this.s3[Symbol.asyncDispose]();
  }
}

const facesOf = (stderr: string) => Number(/done .*\bfaces=(\d+)/.exec(stderr)![1]);

/** Looks for every number up to the highest one of each epoch. `reported` is the detector's own count of faces. */
function accountOf(state: StateAccount, stored: readonly string[], reported: number | undefined): Account {
  const [ledger, unconfirmed, once] = [state.ledger(), state.unconfirmed(), new Set(stored)];
  const isRenumbered = (number: string) => /the face has number/.test(ledger.get(number) ?? "");
  const gone = Array.from(ledger.keys()).filter((number) => !once.has(number) && !isRenumbered(number));
  const lies = Array.from(ledger.keys()).filter((number) => once.has(number) && !unconfirmed.has(number));
  const highest = new Map<string, number>();
  for (const number of [...once, ...ledger.keys()]) {
    const [epoch, sequence] = number.split("/");
    highest.set(epoch, Math.max(highest.get(epoch) ?? 0, Number(sequence)));
  }
  const gaps: string[] = [];
  for (const [epoch, last] of highest) {
    for (let sequence = 1; sequence <= last; sequence++) {
      const number = `${epoch}/${sequence}`;
      if (!once.has(number) && !ledger.has(number)) gaps.push(number);
    }
  }
  const known = once.size + gone.length + gaps.length;
  const unnumbered = Array.from(
    { length: Math.max(0, (reported ?? 0) - known) },
    () => "beyond the highest number",
  );
  return {
    faces: known + unnumbered.length,
    givenUp: gone.map((number) => ledger.get(number)!),
    twice: stored.length - once.size,
    unexplained: [...gaps, ...unnumbered, ...lies.map((number) => `${number} is stored and in the ledger`)],
  };
}
