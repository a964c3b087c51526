/** Fixtures for tests of the gallery: a folder of faces, the running program, and what its page shows. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Page } from "puppeteer-core";
import { encodePng } from "../../lib/image/png.ts";
import { writeFace } from "../../lib/face/face_file.ts";
import { DEFAULT_KEY, KeyTemplate } from "../../lib/face/object_key.ts";
import { openFolderStore } from "../../lib/store/folder_store.ts";
import { saveFace } from "../../lib/store/save_face.ts";
import type { Store } from "../../lib/store/store.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { RunningProgram } from "../servers/run_program.ts";

export const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const NOON_MS = Date.UTC(2026, 0, 31, 12);
const SIZE = 24;
const LIMIT_MS = 60_000;

/** The folder of a store. It is removed at the end of the test. */
export class FaceFolder implements Disposable {
  readonly #parent = new TempFolder();
  readonly path = this.#parent.at("store");

  /** @param isCreated false: the folder does not exist until the first file is written. */
  constructor({ isCreated = true } = {}) {
    if (isCreated) Deno.mkdirSync(this.path);
  }

  /** Saves a face as the saver does. */
  save(takenMs: number, { camera = "door", template = DEFAULT_KEY } = {}): Promise<string> {
    return save(openFolderStore(this.path), takenMs, { camera, template });
  }

  /**
   * Writes files, by default with a picture, each in one step: a gallery may read at any moment. Keys with `..` lie
   * outside the store.
   */
  async write(
    keys: string | readonly string[],
    bytes: Uint8Array = face(NOON_MS, "door").bytes,
  ): Promise<void> {
    for (const key of [keys].flat()) {
      const path = join(this.path, key);
      const unfinished = this.#parent.at(`${crypto.randomUUID()}.tmp`);
      await Deno.writeFile(unfinished, bytes);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.rename(unfinished, path);
    }
  }

  [Symbol.dispose](): void {
    this.#parent[Symbol.dispose]();
  }
}

/** Saves a face as the saver does. Returns its key. */
export function save(
  store: Store,
  takenMs: number,
  { camera = "door", template = DEFAULT_KEY } = {},
): Promise<string> {
  const { signal } = new AbortController();
  return saveFace(store, face(takenMs, camera), {
    template: new KeyTemplate(template),
    arrivedMs: takenMs,
    signal,
  });
}

/** A third-party picture: what the page shows of it comes from its key. */
export const PLAIN_PICTURE = encodePng({ width: 1, height: 1, rgb: new Uint8Array(3) });

/** A face whose colour depends on its time. */
export function face(takenMs: number, camera: string) {
  const colour = [takenMs / MINUTE_MS * 40, takenMs / MINUTE_MS * 90, 120].map((value) =>
    Math.abs(value) % 256
  );
  const rgb = new Uint8Array(SIZE * SIZE * 3).map((_, index) => colour[index % 3]);
  const box = { x: 0, y: 0, width: SIZE, height: SIZE };
  return writeFace({ width: SIZE, height: SIZE, rgb }, {
    camera,
    device: "board",
    captured: new Date(takenMs).toISOString(),
    epoch: "e",
    sequence: 1,
    box,
    crop: box,
    frame: { width: 640, height: 480 },
    cascade: "none",
    settings: {},
  });
}

/** Starts a gallery on a free port and waits until it listens. Returns it with its URL. */
export async function startGallery(args: readonly string[], env: Record<string, string> = {}) {
  const gallery = new RunningProgram("gallery", ["--listen", "127.0.0.1:0", "--poll", "0.2", ...args], {
    env,
  });
  try {
    const [, url] = await gallery.printed(/gallery at (https?:\S+)/);
    return Object.assign(gallery, { url });
  } catch (error) {
    await gallery.kill();
    throw error;
  }
}

/** The camera below each picture, newest first. */
export function labels(page: Page): Promise<string[]> {
  return page.$$eval("li[data-id] .where", (names) => names.map((name) => name.textContent ?? ""));
}

/** The keys of all faces of a day that the gallery answers with, newest first. */
export async function keysOf(
  { url }: { url: string },
  dayMs: number,
  headers: Record<string, string> = {},
): Promise<string[]> {
  const from = Math.floor(dayMs / DAY_MS) * DAY_MS;
  const query = new URLSearchParams({ from: String(from), to: String(from + DAY_MS), limit: "500" });
  const { visits, error } = await (await fetch(`${url}api/visits?${query}`, { headers })).json();
  assert.equal(error, undefined);
  return visits.flatMap(({ faces }: { faces: { key: string }[] }) => faces.map(({ key }) => key));
}

/** Waits until the page shows `count` visits with their pictures. */
export function showsFaces(page: Page, count: number): Promise<unknown> {
  return page.waitForFunction(
    `document.querySelectorAll("li[data-id]").length === ${count} &&
     [...document.querySelectorAll("li[data-id] img")].every((picture) => picture.complete && picture.naturalWidth > 0)`,
    { timeout: LIMIT_MS },
  );
}

/** Waits until an element is visible and contains `text`. */
export function showsText(page: Page, selector: string, text: string): Promise<unknown> {
  const expression = `document.querySelector('${selector}:not([hidden])')?.textContent.includes("${text}")`;
  return page.waitForFunction(expression, { timeout: LIMIT_MS });
}
