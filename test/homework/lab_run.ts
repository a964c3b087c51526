/**
 * One run of the lab: a clip goes through a pipeline while one hop is killed and started again, and the faces are counted
 * at both ends.
 *
 *     detector ──▶ edge ──▶ forwarder ──▶ cloud ──▶ saver ──▶ bucket
 *     counts what          one of these is killed         counts what
 *     it sends                                            arrived
 */
import { encodePng } from "../../lib/image/png.ts";
import { connected, openTestBus, type TestBus } from "../../lib/testing/test_bus.ts";
import { until } from "../../lib/testing/until.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import type { RunningProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import type { LabServers, Way } from "./lab_ways.ts";

export const HOPS = ["edge", "forwarder", "cloud", "saver"] as const;
export type Hop = typeof HOPS[number];

/** The hop is killed when this number of faces has come as far as the hop before it. */
const FACES_BEFORE = 20;
/** It is started again after this number of further messages there. */
const FACES_DURING = 10;
const TOPIC = "face_detection";
/** A QoS 0 client of Python waits up to some seconds before it connects again. */
const LAST_LIMIT_MS = 120_000;

/** What one pipeline did with the clip. */
export interface LabResult {
  /** Faces that the detector found. */
  readonly faces: number;
  /** Faces that no saver put into the bucket. */
  readonly lost: number;
  /** Faces that a later face of the same second replaced. */
  readonly overwritten: number;
  /** Faces in the bucket. */
  readonly stored: number;
}

/** Runs a pipeline over a clip and breaks one hop of it. */
export async function runLab(way: Way, hop: Hop, clip: string): Promise<LabResult> {
  await using edge = await Mosquitto.start();
  await using cloud = await Mosquitto.start();
  await using s3 = await S3Server.start();
  const state = await Deno.makeTempDir({ prefix: "haarlem-lab-" });
  await using run = new Run(way, { edge, cloud, s3, state });
  try {
    await run.start();
    await using counter = await Counter.open(hop === "saver" ? cloud : edge);
    const broken = run.breakHop(hop, counter);
    const faces = await run.detect(clip);
    await broken;
    await run.drain();
    const { puts, objects } = await run.stored();
    return { faces, lost: faces - puts, overwritten: puts - objects, stored: objects };
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}

/** Counts the faces that a broker delivers, from its opening on. */
class Counter implements AsyncDisposable {
  #seen = 0;
  readonly #stop = new AbortController();

  private constructor(private readonly bus: TestBus) {}

  /** Resolves when the broker delivers to it. */
  static async open(broker: Mosquitto): Promise<Counter> {
    const counter = new Counter(openTestBus(broker.url));
    void counter.#count();
    await connected(counter.bus);
    return counter;
  }

  async #count(): Promise<void> {
    for await (const _ of this.bus.messages(TOPIC, { qos: 0, signal: this.#stop.signal })) this.#seen++;
  }

  /** Resolves when a number of further faces has come. */
  async more(count: number): Promise<void> {
    const enough = this.#seen + count;
    await until(() => this.#seen >= enough, `${count} faces come`, { everyMs: 10, limitMs: LAST_LIMIT_MS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.bus.close();
  }
}

/** The programs of one run. */
class Run implements AsyncDisposable {
  readonly #savers: RunningProgram[] = [];
  readonly #programs: RunningProgram[] = [];
  /** Pictures of the lab itself, each another one. */
  #markers = 0;

  constructor(private readonly way: Way, private readonly servers: LabServers) {}

  async start(): Promise<void> {
    await Promise.all([this.#startForwarder(), this.#startSaver()]);
  }

  async #startForwarder(): Promise<RunningProgram> {
    const forwarder = this.way.forwarder(this.servers);
    this.#programs.push(forwarder);
    await forwarder.printed(this.way.ready.forwarder);
    return forwarder;
  }

  async #startSaver(): Promise<RunningProgram> {
    const saver = this.way.saver(this.servers);
    this.#savers.push(saver);
    await saver.printed(this.way.ready.saver);
    return saver;
  }

  /** Resolves when the hop was killed and works again. The counter counts the faces that come as far as the hop before. */
  async breakHop(hop: Hop, counter: Counter): Promise<void> {
    await counter.more(FACES_BEFORE);
    const during = () => counter.more(FACES_DURING);
    if (hop === "edge" || hop === "cloud") {
      const broker = this.servers[hop];
      await broker.kill();
      if (hop === "cloud") await during();
      return await broker.start();
    }
    const programs = hop === "saver" ? this.#savers : this.#programs;
    await programs.at(-1)!.kill();
    await during();
    await (hop === "saver" ? this.#startSaver() : this.#startForwarder());
  }

  /** Runs the detector over the clip. Returns the number of faces that it found. */
  async detect(clip: string): Promise<number> {
    await using detector = this.way.detector(this.servers, clip);
    const { code, stdout, stderr } = await detector.end;
    const faces = /\bfaces=(\d+)/.exec(stdout + stderr)?.[1];
    if (code !== 0 || faces === undefined) throw new Error(`the detector failed:\n${stdout}${stderr}`);
    return Number(faces);
  }

  /**
   * Resolves when nothing is under way any more: a picture of the lab follows the faces through all hops. It is sent again
   * until it arrives, since a program may still wait before it connects again.
   */
  async drain(): Promise<void> {
    await using bus = openTestBus(this.servers.edge.url);
    const arrived = async () => {
      await bus.publish(TOPIC, this.#marker(), { qos: 0 }).catch(() => {});
      return (await this.#markersStored()) > 0;
    };
    await until(arrived, "a picture arrives after the fault", { everyMs: 500, limitMs: LAST_LIMIT_MS });
    // A saver of ours puts several faces at a time: the first signal lets it finish them.
    this.#savers.at(-1)!.signal("SIGTERM");
    await this.#savers.at(-1)!.ended();
  }

  /** A picture that is too small for a face of the clip. */
  #marker(): Uint8Array<ArrayBuffer> {
    const shade = ++this.#markers % 256;
    return encodePng({ width: 4, height: 4, rgb: new Uint8Array(48).fill(shade) });
  }

  async #markersStored(): Promise<number> {
    const printed = this.#savers.flatMap(({ stdout }) => stdout.match(/^stored \S+ \d{1,2} bytes$/gm) ?? []);
    const objects = await this.servers.s3.pictures();
    return printed.length + objects.values().filter(({ length }) => length < 100).toArray().length;
  }

  stored() {
    return this.way.stored(this.servers, this.#savers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#programs, ...this.#savers].map((program) => program.kill()));
  }
}
