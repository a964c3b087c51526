/** The whole pipeline with two brokers, a bucket and one of each program. */
import { readFace } from "../../lib/face/face_file.ts";
import type { FaceFile } from "../../lib/face/face.ts";
import { exists } from "../../lib/testing/files.ts";
import { until } from "../../lib/testing/until.ts";
import { CutLink } from "../servers/cut_link.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";

/** The test's own S3 server, and the address that the saver uses for it. */
export interface GivenStore {
  readonly server: S3Server;
  readonly endpoint: string;
}

/** Everything behind a detector: two Mosquittos with a cable between them, an S3 server, forwarder and saver. */
export class Pipeline implements AsyncDisposable {
  forwarder!: RunningProgram;
  saver!: RunningProgram;
  readonly state = Deno.makeTempDirSync({ prefix: "haarlem-state-" });

  private constructor(
    readonly edge: Mosquitto,
    readonly cloud: Mosquitto,
    readonly link: CutLink,
    readonly s3: S3Server,
    private readonly qos: string,
    private readonly given?: GivenStore,
  ) {}

  /**
   * `edge` and `cloud` are more lines for the configurations of the brokers, `saver` more settings of the saver. A
   * `store` that is given is not ended with the pipeline.
   */
  static async start(
    { qos = "1", edge: edgeMore = "", cloud: cloudMore = "", store, saver = [] }: {
      qos?: string;
      edge?: string;
      cloud?: string;
      store?: GivenStore;
      saver?: readonly string[];
    } = {},
  ): Promise<Pipeline> {
    const [edge, cloud, s3] = await Promise.all([
      Mosquitto.start({ more: edgeMore }),
      Mosquitto.start({ more: cloudMore }),
      store?.server ?? S3Server.start({ region: "eu-central-1" }),
    ]);
    const pipeline = new Pipeline(edge, cloud, new CutLink(cloud.port), s3, qos, store);
    pipeline.startForwarder();
    pipeline.startSaver(saver);
    await pipeline.forwarder.printed(
      /connected to the edge[^]*connected to the cloud|connected to the cloud[^]*connected to the edge/,
    );
    await pipeline.saver.printed(/connected to the broker/);
    return pipeline;
  }

  startForwarder(args: readonly string[] = []): void {
    const cloud = `mqtt://127.0.0.1:${this.link.port}`;
    this.forwarder = new RunningProgram("forwarder", [
      "--edge",
      this.edge.url,
      "--cloud",
      cloud,
      "--qos",
      this.qos,
      ...args,
    ]);
  }

  startSaver(args: readonly string[] = []): void {
    const store = [
      "--store",
      `s3://${this.s3.bucket}/door`,
      "--s3-endpoint",
      this.given?.endpoint ?? this.s3.endpoint,
    ];
    this.saver = new RunningProgram("saver", [
      "--broker",
      this.cloud.url,
      ...store,
      "--qos",
      this.qos,
      ...args,
    ], {
      env: this.s3.credentials,
    });
  }

  /** Kills the saver with signal 9 and starts another one with more settings. */
  async startSaverInstead(args: readonly string[]): Promise<void> {
    await this.saver.kill();
    this.startSaver(args);
    await this.saver.printed(/connected to the broker/);
  }

  /** A detector on this pipeline; it ends by itself when all its faces have their receipts. */
  detect(source: string, args: readonly string[] = []): RunningProgram {
    const way = ["--broker", this.edge.url, "--state", this.state, "--qos", this.qos];
    return new RunningProgram("detector", ["--source", source, "--once", ...way, ...args]);
  }

  /** Resolves when at least `count` faces are stored. */
  async stores(count: number): Promise<void> {
    const isStored = async () => (await this.s3.pictures()).size >= count;
    await until(isStored, `${count} faces are stored`, { folder: this.s3.folder });
  }

  /** The numbers of the faces in the detector's outbox. */
  waiting(): number[] {
    const outbox = `${this.state}/outbox`;
    const names = exists(outbox) ? Array.from(Deno.readDirSync(outbox), ({ name }) => name) : [];
    return names.filter((name) => !name.endsWith(".tmp")).map((name) => Number(name.slice(0, 12)));
  }

  /** Resolves when at least `count` faces wait in the detector's outbox. */
  async holds(count: number): Promise<void> {
    await until(() => this.waiting().length >= count, `${count} faces wait`, { folder: this.state });
  }

  /** The stored faces by key, each read back. */
  async faces(): Promise<Map<string, FaceFile>> {
    return new Map(Array.from(await this.s3.pictures(), ([key, bytes]) => [key, readFace(bytes)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.forwarder.kill(), this.saver.kill()]);
    const servers = [this.link, this.edge, this.cloud, ...(this.given ? [] : [this.s3])];
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await Deno.remove(this.state, { recursive: true });
  }
}
