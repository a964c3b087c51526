/** A proxy in front of a real S3 server, which answers some requests itself. */
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { request as send } from "node:http";
import { Buffer } from "node:buffer";
import { openS3Store } from "../../lib/store/s3_store.ts";
import type { Store } from "../../lib/store/store.ts";
import { S3Server } from "./s3_server.ts";

/** A received request. */
export interface S3Request {
  readonly method: string;
  /** The object, without the bucket; empty for the bucket itself. */
  readonly key: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Returns an answer, or `undefined` to let the real server answer. */
export type Fault = (request: S3Request) => Response | undefined | Promise<Response | undefined>;

export class AlmostS3 implements AsyncDisposable {
  readonly requests: S3Request[] = [];
  readonly endpoint: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #client: S3Client;

  private constructor(readonly real: S3Server, public fault: Fault) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
    this.#client = new S3Client({ endpoint: real.endpoint, region: "us-east-1", forcePathStyle: true });
  }

  static async start(fault: Fault = () => undefined): Promise<AlmostS3> {
    const real = await S3Server.start();
    real.store(); // Puts its credentials into the environment.
    return new AlmostS3(real, fault);
  }

  /** The store that our programs open with this address. */
  store(
    { prefix = "", onUnsupported }: { prefix?: string; onUnsupported?: (what: string) => void } = {},
  ): Store {
    return openS3Store({
      bucket: this.real.bucket,
      prefix,
      endpoint: this.endpoint,
      pathStyle: true,
      timeoutMs: 5_000,
      mayDelete: true,
      onUnsupported,
    });
  }

  /** The number of requests with this method and a key of this pattern. */
  count(method: string, key = /(?:)/): number {
    return this.requests.filter((request) => request.method === method && key.test(request.key)).length;
  }

  /** Puts an object without a header, as a server does that ignores it. */
  async putWithout({ key, headers, body }: S3Request): Promise<Response> {
    const metadata = Array.from(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    const { ETag } = await this.#client.send(
      new PutObjectCommand({
        Bucket: this.real.bucket,
        Key: key,
        Body: body,
        ContentType: headers.get("content-type") ?? undefined,
        Metadata: Object.fromEntries(metadata.map(([name, value]) => [name.slice(11), value])),
      }),
    );
    return new Response(null, { headers: { etag: ETag! } });
  }

  /** Gets a whole object, as a server does that ignores a range; nothing when there is none. */
  async getWithout({ key }: S3Request): Promise<Response | undefined> {
    try {
      const found = await this.#client.send(new GetObjectCommand({ Bucket: this.real.bucket, Key: key }));
      return new Response(new Uint8Array(await found.Body!.transformToByteArray()), {
        headers: { etag: found.ETag! },
      });
    } catch {
      return undefined;
    }
  }

  async #answer(incoming: Request): Promise<Response> {
    const url = new URL(incoming.url);
    const [, , ...key] = url.pathname.split("/");
    const received = await incoming.arrayBuffer().catch(() => undefined);
    if (!received) return new Response(null, { status: 400 }); // Its client has disconnected.
    const body = new Uint8Array(received);
    const request = {
      method: incoming.method,
      key: decodeURIComponent(key.join("/")),
      headers: incoming.headers,
      body,
    };
    this.requests.push(request);
    const own = await this.fault(request);
    return own ?? await this.#handOn(incoming, url, body);
  }

  /** Keeps the Host header, which is part of the signature. */
  #handOn({ method, headers }: Request, url: URL, body: Uint8Array): Promise<Response> {
    const answered = Promise.withResolvers<Response>();
    const options = { port: this.real.port, path: url.pathname + url.search, method };
    const onward = send(
      { host: "127.0.0.1", ...options, headers: Object.fromEntries(headers), agent: false },
      (answer) => {
        const chunks: Uint8Array[] = [];
        answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        answer.on("end", () => {
          const status = answer.statusCode!;
          const whole = new Uint8Array(Buffer.concat(chunks));
          const hasBody = method !== "HEAD" && ![204, 304].includes(status);
          const kept = Object.entries(answer.headers).filter(([name]) =>
            !["connection", "transfer-encoding", "keep-alive"].includes(name)
          );
          answered.resolve(
            new Response(hasBody ? whole : null, {
              status,
              headers: kept.map(([name, value]) => [name, String(value)]),
            }),
          );
        });
      },
    );
    const fail = () => answered.resolve(new Response(null, { status: 502 })); // Without effect after an answer.
    onward.on("error", fail).on("close", fail);
    onward.end(body);
    return answered.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.real[Symbol.asyncDispose]();
  }
}

/** An error answer of S3. */
export function s3Error(status: number, code: string, message = code): Response {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml" } });
}

/** An answer of a server that is not S3. */
export function html(status: number): Response {
  return new Response("<html><body>not S3</body></html>", {
    status,
    headers: { "content-type": "text/html" },
  });
}
