import { findParts } from "../parts.ts";
import { freePort } from "./free_port.ts";
import { Server } from "./server.ts";

/** A Mosquitto, configured as ours in deploy/mosquitto are: keeps nothing, sends at once. */
export class Mosquitto extends Server {
  readonly url: string;

  private constructor(port: number, program: string, private readonly folder: string) {
    super(port, program, ["-c", `${folder}/mosquitto.conf`]);
    this.url = `mqtt://127.0.0.1:${port}`;
  }

  /** Starts one on a free port. `await using broker = await Mosquitto.start()` ends it with the test. */
  static async start(
    { port = freePort(), started = true, anonymous = true, more = "" }: {
      port?: number;
      started?: boolean;
      anonymous?: boolean;
      more?: string;
    } = {},
  ): Promise<Mosquitto> {
    const { mosquitto } = findParts();
    const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
    await Deno.chmod(folder, 0o755);
    const lines = [
      `listener ${port} 127.0.0.1`,
      `allow_anonymous ${anonymous}`,
      "persistence false",
      "set_tcp_nodelay true",
      more,
    ];
    await Deno.writeTextFile(`${folder}/mosquitto.conf`, lines.join("\n") + "\n");
    const broker = new Mosquitto(port, mosquitto!, folder);
    if (started) await broker.start();
    return broker;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
