/** The aiming page with its real routes and pictures, fed by the test instead of a detector. */
import type { Picture } from "../../lib/image/crop.ts";
import type { Box } from "../../lib/image/frame.ts";
import { encodeJpeg } from "../../lib/image/jpeg_encoder.ts";
import { planesOfPicture } from "../../lib/image/jpeg_planes.ts";
import { decodePng } from "../../lib/image/png.ts";
import { LivePictures, type ShownBox } from "../../lib/preview/live_pictures.ts";
import { readPreviewFiles } from "../../lib/preview/page_files.ts";
import { respondTo } from "../../lib/preview/routes.ts";
import { UnsentFaces } from "../../lib/preview/unsent_faces.ts";
import { inProject } from "../../lib/testing/files.ts";
import { Access } from "../../lib/web/access.ts";
import { pictureOf } from "./pictures.ts";

export const FRAME = { width: 1280, height: 720 };
const HEADS = [
  { path: "lib/camera/sample/astronaut.png", x: 560, y: 200 },
  { path: "test/media/camera.png", x: 40, y: 120 },
];

/** What stands in a street: see `sceneOf`. */
export const BOXES: readonly ShownBox[] = [
  { x: 735, y: 265, width: 100, height: 100, kind: "counts", text: "counts · 100 px", short: "100 px" },
  { x: 905, y: 370, width: 74, height: 74, kind: "waits", text: "not yet: 1 of 2 in 4", short: "1 of 2" },
  { x: 235, y: 170, width: 66, height: 66, kind: "unsent", text: "ignored zone", short: "ignored" },
  { x: 430, y: 330, width: 48, height: 48, kind: "unsent", text: "48 px, minimum 60", short: "48 px" },
  { x: 1180, y: 20, width: 61, height: 61, kind: "unsent", text: "score 0.41, minimum 0.7", short: "0.41" },
];

/** The page of a made-up detector. Tests change its fields while a page is open. */
export class AimDouble implements AsyncDisposable {
  boxes: readonly ShownBox[] = BOXES;
  regions: "all" | readonly { x: number; y: number; width: number; height: number }[] = [
    { x: 360, y: 260, width: 200, height: 200 },
    { x: 620, y: 180, width: 420, height: 330 },
  ];
  facts: Record<string, unknown> = {
    camera: "front",
    trouble: null,
    framesPerSecond: 29.9,
    searchMs: 3.14,
    frameAgeSeconds: 0.03,
    waiting: 0,
    counts: [
      ["too_small", "too small", 31],
      ["unconfirmed", "not confirmed", 12],
      ["ignored", "ignored", 9],
      [
        "low_score",
        "low score",
        4,
      ],
      ["no_eyes", "no eyes", 2],
    ].map(([reason, name, count]) => ({ reason, name, count })),
    since: Date.parse("2026-11-26T13:40:00Z"),
    settings: { minSize: 60, smallest: 24, ignore: [{ x: 18, y: 120, width: 168, height: 236 }] },
  };
  readonly unsent = new UnsentFaces();
  readonly pictures = new LivePictures({ onFailure: (error) => console.error(error) });
  readonly requests: string[] = [];
  /** Size of the frames. */
  frame = FRAME;
  /** No picture is made while true. */
  isStill = false;
  /**
   * No request is answered while true, as by a machine that lost its power; but for the picture of the last answer, so that
   * it is always the next answer that does not come.
   */
  isDead = false;
  readonly #jpeg = encodeJpeg(planesOfPicture(sceneOf()), 80);
  readonly #stopped = new AbortController();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor({ token }: { token?: string } = {}) {
    const parts = {
      access: new Access(token, { sessionMs: 1e6 }),
      files: readPreviewFiles(),
      pictures: this.pictures,
      unsent: this.unsent,
      facts: () => this.facts,
      signal: this.#stopped.signal,
    };
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#stopped.signal },
      (request, { remoteAddr }) => {
        const { pathname } = new URL(request.url);
        this.requests.push(pathname);
        if (this.isDead && pathname !== "/picture.jpg") return new Promise<Response>(() => {});
        return respondTo(request, remoteAddr.hostname, parts);
      },
    );
    this.#timer = setInterval(() => this.#frame(), 33);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Is a detector with these settings. */
  use(minSize: number, ignore: readonly Box[]): void {
    this.facts = { ...this.facts, settings: { minSize, smallest: 24, ignore } };
  }

  /** Adds faces that were not sent. */
  addUnsent(): void {
    const atMs = Date.parse("2026-11-26T14:03:10Z");
    [
      ["low_score", "score 0.41, minimum 0.7", "at 1180,20"],
      ["too_small", "52 px, minimum 60", "at 430,330"],
      ["no_eyes", "no eyes", "--eyes on, 5 detections in 0.4 s"],
      ["ignored", "ignored zone", "at 235,170"],
      ["unconfirmed", "not confirmed: 1 detection", "needs 2 in 4 frames"],
      ["too_small", "48 px, minimum 60", "at 430,330"],
    ].forEach(([reason, text, detail], nth) => {
      const box = { x: nth * 200, y: 0, width: 50, height: 50 };
      const firstMs = atMs + nth * 60_000;
      this.unsent.add(
        { reason, text, detail, firstMs, lastMs: firstMs + nth * 300, box },
        () => pictureOf(nth),
      );
    });
  }

  #frame(): void {
    if (this.isStill || !this.pictures.isDue) return;
    const { boxes, regions, frame } = this;
    void this.pictures.make(() => Promise.resolve({ frame, boxes, regions, jpeg: this.#jpeg }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#server.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A wall with two portraits before it. */
function sceneOf(): Picture {
  const { width, height } = FRAME;
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const shade = 120 + 60 * y / height + 12 * Math.sin(x / 40);
      for (const tint of [1, 0.97, 0.9]) rgb[at++] = shade * tint;
    }
  }
  for (const { path, x, y } of HEADS) {
    const portrait = decodePng(Deno.readFileSync(inProject(path)));
    const rows = Math.min(portrait.height, height - y);
    for (let row = 0; row < rows; row++) {
      const from = row * portrait.width * 3;
      rgb.set(portrait.rgb.subarray(from, from + portrait.width * 3), ((y + row) * width + x) * 3);
    }
  }
  return { width, height, rgb };
}
