/** A real Mosquitto on a free port. */
import { findParts } from "../parts.ts";
import { freePort, listening } from "./free_port.ts";
import { Server } from "./server.ts";

/** A Mosquitto configured like those in deploy/mosquitto: without persistence and without Nagle's delay. */
export class Mosquitto extends Server {
  readonly url: string;

  private constructor(
    port: number,
    program: string,
    private readonly folder: string,
    private readonly morePorts: readonly number[],
  ) {
    super(port, program, ["-c", `${folder}/mosquitto.conf`]);
    this.url = `mqtt://127.0.0.1:${port}`;
  }

  /** Starts one on a free port. `await using broker = await Mosquitto.start()` ends it with the test. */
  static async start(
    { port = freePort(), started = true, anonymous = true, more = "", whole }: {
      port?: number;
      started?: boolean;
      anonymous?: boolean;
      more?: string;
      /** A whole configuration in place of ours. */
      whole?: string;
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
    await Deno.writeTextFile(`${folder}/mosquitto.conf`, whole ?? lines.join("\n") + "\n");
    const morePorts = Array.from((whole ?? more).matchAll(/^listener (\d+)/gm), ([, port]) => Number(port));
    const broker = new Mosquitto(port, mosquitto!, folder, morePorts);
    if (started) await broker.start();
    return broker;
  }

  /** Resolves when all ports are open: Mosquitto opens them one after the other. */
  override async start(): Promise<void> {
    await super.start();
    for (const port of this.morePorts) await listening(port);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
