/** A live stream over HTTP: ffmpeg plays clips at their own speed, without end, and every client joins where it is. */
import { sendSignal } from "../../lib/send_signal.ts";

/** Chunks in the queue of a slow client; beyond them the client is cut off. */
const QUEUED_MAX = 500;

export interface LiveStreamOptions {
  /** ffmpeg's options for the output before the format, such as `-c copy`. */
  readonly output: readonly string[];
  /** Seconds by which the stream is late. */
  readonly lateSeconds?: number;
}

/** Sends a clip in MPEG-TS, which carries its parameters with each key frame, to everybody who connects. */
export class LiveStream implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #clients = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #ffmpeg: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  #isThere = true;

  constructor(clip: string, { output, lateSeconds = 0 }: LiveStreamOptions) {
    const input = ["-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", clip, "-map", "0:v:0"];
    const format = ["-muxdelay", "0", "-flush_packets", "1", "-f", "mpegts", "pipe:1"];
    this.#ffmpeg = new Deno.Command("ffmpeg", {
      args: [...input, ...output, ...format],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#ended = this.#broadcast(lateSeconds * 1000);
    const place = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(
      place,
      () => this.#isThere ? this.#answer() : new Response(null, { status: 503 }),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/live.ts`;
  }

  /** Ends all connections, and refuses others. */
  unplug(): void {
    this.#isThere = false;
    for (const client of this.#clients) client.close();
    this.#clients.clear();
  }

  plugIn(): void {
    this.#isThere = true;
  }

  #answer(): Response {
    let client: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => void this.#clients.add(client = controller),
      cancel: () => void this.#clients.delete(client),
    });
    return new Response(stream, { headers: { "Content-Type": "video/mp2t" } });
  }

  async #broadcast(lateMs: number): Promise<void> {
    for await (const chunk of this.#ffmpeg.stdout) {
      if (lateMs === 0) {
        this.#send(chunk);
        continue;
      }
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#send(chunk);
      }, lateMs);
      this.#timers.add(timer);
    }
  }

  #send(chunk: Uint8Array): void {
    for (const client of this.#clients) {
      if ((client.desiredSize ?? 0) > -QUEUED_MAX) {
        client.enqueue(chunk);
        continue;
      }
      this.#clients.delete(client);
      client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.unplug();
    sendSignal(this.#ffmpeg, "SIGKILL");
    await this.#ffmpeg.status;
    await this.#ended;
    this.#timers.forEach(clearTimeout);
    await this.#server.shutdown();
  }
}
