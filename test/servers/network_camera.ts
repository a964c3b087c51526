/** A camera in the network, whose cable can be unplugged. */
const WIDTH = 160;
const HEIGHT = 120;
const FRAME_MS = 100;

/** A camera in the network: `url` answers with an empty wall, ten frames a second. */
export class NetworkCamera implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #watched = new Set<ReturnType<typeof setInterval>>();
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #there = true;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => this.#there ? new Response(this.#stream()) : new Response(null, { status: 503 }),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/live`;
  }

  /** Ends all streams, like an unplugged cable. */
  unplug(): void {
    this.#there = false;
    for (const timer of this.#watched) clearInterval(timer);
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  plugIn(): void {
    this.#there = true;
  }

  /** A stream in YUV4MPEG2, which ffmpeg reads without options. */
  #stream(): ReadableStream<Uint8Array> {
    const frame = new Uint8Array(6 + WIDTH * HEIGHT * 1.5).fill(128);
    const encoder = new TextEncoder();
    encoder.encodeInto("FRAME\n", frame);
    let timer: ReturnType<typeof setInterval>;
    let stream: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream({
      start: (controller) => {
        stream = controller;
        stream.enqueue(encoder.encode(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`));
        this.#streams.add(stream);
        this.#watched.add(timer = setInterval(() => stream.enqueue(frame), FRAME_MS));
      },
      cancel: () => {
        clearInterval(timer);
        this.#streams.delete(stream);
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.unplug();
    await this.#server.shutdown();
  }
}
