/** A camera in the network: five JPEGs of the portrait a second. */
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";

const PORTRAIT = join(import.meta.dirname!, "../../lib/camera/sample/astronaut.png");
const FRAME_MS = 200;
/** Maximum number of frames in the queue of a slow reader. */
const QUEUED_MAX = 10;

export class DoorCamera implements AsyncDisposable {
  readonly #timers = new Set<ReturnType<typeof setInterval>>();

  private constructor(private readonly server: Deno.HttpServer<Deno.NetAddr>, readonly url: string) {}

  /** Listens on this machine's address in the board's network. */
  static async listen(hostname: string): Promise<DoorCamera> {
    const jpeg = await Deno.makeTempFile({ suffix: ".jpg" });
    await run(
      "ffmpeg",
      ["-v", "error", "-y", "-i", PORTRAIT, "-vf", "scale=320:-2,pad=640:480:160:80:gray", jpeg],
    );
    const picture = await Deno.readFile(jpeg);
    await Deno.remove(jpeg);
    // deno-lint-ignore prefer-const -- the server and the camera refer to each other
    let camera: DoorCamera;
    const server = Deno.serve({ hostname, port: 0, onListen: () => {} }, () => camera.#answer(picture));
    camera = new DoorCamera(server, `http://${hostname}:${server.addr.port}/live`);
    return camera;
  }

  #answer(picture: Uint8Array): Response {
    const encoder = new TextEncoder();
    const part = Uint8Array.from([
      ...encoder.encode("--next\r\nContent-Type: image/jpeg\r\n\r\n"),
      ...picture,
      ...encoder.encode("\r\n"),
    ]);
    let timer: ReturnType<typeof setInterval>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        // A board that has lost its power reads no more.
        timer = setInterval(() => {
          if ((controller.desiredSize ?? 0) > -QUEUED_MAX) controller.enqueue(part);
        }, FRAME_MS);
        this.#timers.add(timer);
      },
      cancel: () => clearInterval(timer),
    });
    return new Response(stream, { headers: { "Content-Type": "multipart/x-mixed-replace; boundary=next" } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.server.shutdown();
  }
}
