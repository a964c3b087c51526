/** A real S3 server on a free port. */
import { filesIn, unlessGone } from "../../lib/testing/files.ts";
import { openS3Store } from "../../lib/store/s3_store.ts";
import type { Store } from "../../lib/store/store.ts";
import { findParts } from "../parts.ts";
import { freePort } from "./free_port.ts";
import { Server } from "./server.ts";

const ACCESS_KEY = "test";
const SECRET_KEY = "test-secret";
const BUCKET = "faces";

/** A versitygw over a folder, with the bucket `faces`. */
export class S3Server extends Server {
  readonly endpoint: string;
  readonly bucket = BUCKET;
  /** The environment with the credentials of this server. */
  readonly credentials;

  private constructor(port: number, program: string, readonly folder: string, region: string) {
    super(port, program, ["--port", `127.0.0.1:${port}`, "--region", region, "posix", folder], {
      ROOT_ACCESS_KEY: ACCESS_KEY,
      ROOT_SECRET_KEY: SECRET_KEY,
    });
    this.credentials = {
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: region,
    };
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** Starts one on a free port. */
  static async start({ started = true, region = "us-east-1" } = {}): Promise<S3Server> {
    const { versitygw } = findParts();
    const folder = await Deno.makeTempDir({ prefix: "s3-" });
    await Deno.mkdir(`${folder}/${BUCKET}`);
    const server = new S3Server(freePort(), versitygw!, folder, region);
    if (started) await server.start();
    return server;
  }

  /** The store that our programs open with this address. */
  store({ prefix = "" } = {}): Store {
    for (const [name, value] of Object.entries(this.credentials)) Deno.env.set(name, value);
    return openS3Store({
      bucket: BUCKET,
      prefix,
      endpoint: this.endpoint,
      pathStyle: true,
      timeoutMs: 5_000,
      mayDelete: true,
    });
  }

  /** The objects in the bucket by key, read from its folder and not through the server. */
  async objects(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    const root = `${this.folder}/${BUCKET}`;
    for await (const path of filesIn(root)) {
      const key = path.slice(root.length + 1);
      if (/(^|\/)\.sgwtmp/.test(key)) continue; // The server's own.
      const bytes = await unlessGone(Deno.readFile(path));
      if (bytes) found.set(key, bytes);
    }
    return found;
  }

  /** The pictures among the objects: the saver also writes a trial object, and removes it again. */
  async pictures(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    return new Map([...await this.objects()].filter(([key]) => key.endsWith(".png")));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGCONT");
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
