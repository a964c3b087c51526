/** The gallery on stores that hold more than our faces, or that are not there: the real program, a real browser. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Page } from "puppeteer-core";
import { encodePng } from "../../lib/image/png.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { RunningProgram } from "../servers/run_program.ts";

const PNG = encodePng({ width: 24, height: 24, rgb: new Uint8Array(24 * 24 * 3).fill(99) });
const FACE = "2026-11-25/10-00-00-000_front_0123456789ab.png";
const inBrowser = needs("chromium");

/** A folder that holds anything, removed when the test ends. */
class Disk implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "gallery-" });
  readonly store = join(this.folder, "store");

  async write(...keys: string[]): Promise<void> {
    for (const key of keys) {
      await Deno.mkdir(dirname(join(this.store, key)), { recursive: true });
      await Deno.writeFile(join(this.store, key), PNG);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A gallery that listens, with its address and that of its health. */
async function startGallery(store: string) {
  const args = ["--store", store, "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0", "--poll", "0.2"];
  const gallery = new RunningProgram("gallery", args);
  try {
    const [, healthUrl] = await gallery.printed(/health at (http:\S+)healthz/);
    const [, url] = await gallery.printed(/gallery at (http:\S+)/);
    return Object.assign(gallery, { url, healthUrl });
  } catch (error) {
    await gallery.kill();
    throw error;
  }
}

async function keysOf(gallery: { url: string }): Promise<string[]> {
  const page = await (await fetch(`${gallery.url}api/faces`)).json();
  assert.equal(page.error, undefined);
  return page.faces.map(({ key }: { key: string }) => key);
}

async function readiness(gallery: { healthUrl: string }): Promise<{ status: number; why?: string }> {
  const answer = await fetch(`${gallery.healthUrl}readyz`);
  return { status: answer.status, why: (await answer.json()).why };
}

function says(page: Page, selector: string, text: string): Promise<unknown> {
  const expression = `document.querySelector("${selector}:not([hidden])")?.textContent.includes("${text}")`;
  return page.waitForFunction(expression, { timeout: 20_000 });
}

function shows(page: Page, count: number): Promise<unknown> {
  return page.waitForFunction(
    `document.querySelectorAll("#faces li").length === ${count} &&
     [...document.querySelectorAll("#faces img")].every((picture) => picture.complete && picture.naturalWidth > 0)`,
    { timeout: 20_000 },
  );
}

Deno.test("of a disk as NAS boxes, Macs and ext4 leave it, the one face is shown", inBrowser, async () => {
  await using disk = new Disk();
  await disk.write(
    FACE,
    "2026-11-25/._10-00-00-000_front_0123456789ab.png",
    "@eaDir/base.jpg/SYNOPHOTO_THUMB_M.jpg",
    ".Trash-1000/files/deleted.jpg",
    ".AppleDouble/base.jpg",
    "lost+found/#1.png",
    "#recycle/a.png",
    "$RECYCLE.BIN/a.png",
    "System Volume Information/a.png",
    "../secret.png",
  );
  await Deno.symlink("2026-11-25", join(disk.store, "latest"));
  await Deno.symlink(".", join(disk.store, "loop"));
  await Deno.symlink("../secret.png", join(disk.store, "2026-11-25/10-00-00-001_link_0123456789ab.png"));
  const pipe = join(disk.store, "2026-11-25/10-00-00-002_pipe_0123456789ab.png");
  assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
  await using gallery = await startGallery(disk.store);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await shows(page, 1);
  await says(page, "#status", "Live");
  assert.deepEqual(await keysOf(gallery), [FACE]);
  const hidden = [
    "2026-11-25/10-00-00-001_link_0123456789ab.png",
    "2026-11-25/10-00-00-002_pipe_0123456789ab.png",
    "latest/10-00-00-000_front_0123456789ab.png",
    "loop/" + FACE,
    "lost+found/%231.png",
    "@eaDir/base.jpg/SYNOPHOTO_THUMB_M.jpg",
  ];
  for (const key of hidden) {
    const answer = await fetch(`${gallery.url}faces/${key}`);
    assert.equal(answer.status, 404, key);
    await answer.body?.cancel();
  }
});

/** Folders in one another, until the path of the innermost is longer than Linux can open. */
const UNREADABLE =
  `name=$(printf 'x%.0s' {1..250}); for depth in {1..18}; do mkdir $name && cd $name; done; touch a.png`;

Deno.test("a folder that cannot be read is passed over", async () => {
  await using disk = new Disk();
  await disk.write(FACE, "HW3/a.png");
  const made = await new Deno.Command("bash", { args: ["-c", UNREADABLE], cwd: disk.store }).output();
  assert.ok(made.success);
  try {
    await using gallery = await startGallery(disk.store);
    assert.deepEqual((await keysOf(gallery)).toSorted(), [FACE, "HW3/a.png"]);
    await keysOf(gallery);
    assert.equal(
      gallery.stderr.match(/skipped a folder that cannot be read/g)?.length,
      1,
      gallery.stderr,
    );
  } finally {
    await new Deno.Command("rm", { args: ["-rf", disk.store] }).output();
  }
});

Deno.test(
  "a folder that is not there, or has gone, is said on the page and by /readyz until it is back",
  inBrowser,
  async () => {
    await using disk = new Disk();
    await using gallery = await startGallery(disk.store);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await says(page, "#status", "there is no folder");
    const missing = await readiness(gallery);
    assert.equal(missing.status, 503);
    assert.match(missing.why!, /^store: there is no folder/);

    await disk.write(FACE);
    await shows(page, 1);
    await says(page, "#status", "Live");
    assert.deepEqual(await readiness(gallery), { status: 200, why: undefined });

    await Deno.rename(disk.store, `${disk.folder}/pulled`);
    await says(page, "#status", "there is no folder");
    assert.equal((await readiness(gallery)).status, 503);
    await Deno.mkdir(disk.store);
    await says(page, "#status", "another one than before");
    assert.equal((await readiness(gallery)).status, 503);

    await Deno.remove(disk.store);
    await Deno.rename(`${disk.folder}/pulled`, disk.store);
    await says(page, "#status", "Live");
    assert.deepEqual(await readiness(gallery), { status: 200, why: undefined });
    assert.equal(gallery.stderr.match(/the store answers again/g)?.length, 2, gallery.stderr);
  },
);

Deno.test("a name that would turn its neighbours around is shown as it is written", inBrowser, async () => {
  await using disk = new Disk();
  await disk.write("2026-11-25/10-00-00-000_front\u202egnp\u200b_0123456789ab.png");
  await using gallery = await startGallery(disk.store);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await shows(page, 1);
  const texts = await page.$$eval(
    "#faces b",
    (names) => names.map(({ textContent, title }) => textContent + title),
  );
  const html = await page.content();
  assert.match(texts[0]!, /^front\\u202egnp\\u200b/);
  assert.doesNotMatch(texts[0]! + html, /[\u202e\u200b]/);
});
