/** A network camera: JPEGs in one endless multipart response, as IP cameras and mjpg-streamer send them. */

/** Maximum number of parts in the queue of a slow reader; beyond it pictures are dropped, as cameras do. */
const QUEUED_MAX = 10;

/** Options of {@link MjpegCamera}. */
export interface MjpegOptions {
  /** The bytes of the n-th picture of a connection; undefined: none yet. */
  readonly picture: (number: number) => Uint8Array<ArrayBuffer> | undefined;
  /** Time between two pictures. */
  readonly intervalMs?: number;
  /** The address to listen on; 127.0.0.1 by default. */
  readonly hostname?: string;
}

/** Sends pictures at its own rate to everybody who connects. */
export class MjpegCamera implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #ends = new Set<() => void>();

  constructor(private readonly options: MjpegOptions) {
    const { hostname = "127.0.0.1" } = options;
    const place = { hostname, port: 0, onListen: () => {} };
    this.#server = Deno.serve(place, () => this.#answer());
  }

  get url(): string {
    const { hostname, port } = this.#server.addr;
    return `http://${hostname}:${port}/live`;
  }

  #answer(): Response {
    const { picture, intervalMs = 20 } = this.options;
    const encoder = new TextEncoder();
    let timer: ReturnType<typeof setInterval>;
    let end: () => void;
    let number = 0;
    let isOver = false; // Deno may call an interval once more that was cleared when it was due.
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        timer = setInterval(() => {
          if (isOver || (controller.desiredSize ?? 0) <= -QUEUED_MAX) return;
          const jpeg = picture(number);
          if (!jpeg) return;
          number++;
          const head = `--next\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
          controller.enqueue(Uint8Array.from([...encoder.encode(head), ...jpeg, 13, 10]));
        }, intervalMs);
        // A reader may outlive the program that started it.
        end = () => {
          isOver = true;
          clearInterval(timer);
          controller.close();
        };
        this.#ends.add(end);
      },
      cancel: () => {
        isOver = true;
        clearInterval(timer);
        this.#ends.delete(end);
      },
    });
    return new Response(stream, {
      headers: { "Content-Type": "multipart/x-mixed-replace; boundary=next" },
    });
  }

  /** Ends all connections: a detector with `--once` has then read the whole stream. */
  end(): void {
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
    await this.#server.shutdown();
  }
}

/** A camera that shows these pictures one after the other, without end. */
export function showing(jpegs: readonly Uint8Array<ArrayBuffer>[], intervalMs?: number): MjpegCamera {
  return new MjpegCamera({ picture: (number) => jpegs[number % jpegs.length], intervalMs });
}
