/** The gallery with stores that contain other files, or that do not exist: the real program and a real browser. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import {
  FaceFolder,
  keysOf,
  NOON_MS,
  PLAIN_PICTURE,
  showsFaces,
  showsText,
  startGallery,
} from "./gallery_page.ts";

const FACE = "2026-11-25/10-00-00-000_front_0123456789ab.png";
const FACE_MS = Date.UTC(2026, 10, 25);
const inBrowser = needs("chromium");

/** Starts a gallery with a health port. Returns it with both URLs. */
async function startWithHealth(store: string) {
  const gallery = await startGallery(["--store", store, "--health", "127.0.0.1:0"]);
  const [, healthUrl] = await gallery.printed(/health at (http:\S+)healthz/);
  return Object.assign(gallery, { healthUrl });
}

async function readiness(gallery: { healthUrl: string }): Promise<{ status: number; why?: string }> {
  const response = await fetch(`${gallery.healthUrl}readyz`);
  return { status: response.status, why: (await response.json()).why };
}

Deno.test(
  "files of NAS systems, macOS, Windows and ext4, links and pipes are not shown",
  inBrowser,
  async () => {
    using faces = new FaceFolder({ isCreated: false });
    await faces.write([
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
    ]);
    await Deno.symlink("2026-11-25", join(faces.path, "latest"));
    await Deno.symlink(".", join(faces.path, "loop"));
    await Deno.symlink("../secret.png", join(faces.path, "2026-11-25/10-00-00-001_link_0123456789ab.png"));
    const pipe = join(faces.path, "2026-11-25/10-00-00-002_pipe_0123456789ab.png");
    await run("mkfifo", [pipe]);
    await using gallery = await startWithHealth(faces.path);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await showsFaces(page, 1);
    await showsText(page, "#live", "Live");
    assert.deepEqual(await keysOf(gallery, FACE_MS), [FACE]);
    const hidden = [
      "2026-11-25/10-00-00-001_link_0123456789ab.png",
      "2026-11-25/10-00-00-002_pipe_0123456789ab.png",
      "latest/10-00-00-000_front_0123456789ab.png",
      "loop/" + FACE,
      "lost+found/%231.png",
      "@eaDir/base.jpg/SYNOPHOTO_THUMB_M.jpg",
    ];
    for (const key of hidden) {
      const response = await fetch(`${gallery.url}faces/${key}`);
      assert.equal(response.status, 404, key);
      await response.body?.cancel();
    }
  },
);

/** Nested folders: the path of the innermost one exceeds the limit of Linux. */
const UNREADABLE =
  `name=$(printf 'x%.0s' {1..250}); for depth in {1..18}; do mkdir $name && cd $name; done; touch a.png`;

Deno.test("a folder that cannot be read is skipped and logged once", async () => {
  using faces = new FaceFolder({ isCreated: false });
  await faces.write([FACE, "HW3/a.png"]);
  await run("bash", ["-c", UNREADABLE], { cwd: faces.path });
  try {
    await using gallery = await startWithHealth(faces.path);
    assert.deepEqual(await keysOf(gallery, FACE_MS), [FACE]);
    await until(
      async () => (await keysOf(gallery, NOON_MS)).includes("HW3/a.png"),
      "the face that was taken on another day is listed",
    );
    await gallery.printed(/skipped a folder that cannot be read/);
    assert.equal(
      gallery.stderr.match(/skipped a folder that cannot be read/g)?.length,
      1,
      gallery.stderr,
    );
  } finally {
    await run("rm", ["-rf", faces.path]); // Deno cannot remove such a path.
  }
});

Deno.test(
  "a missing or vanished folder is reported on the page and by /readyz until it exists again",
  inBrowser,
  async () => {
    using faces = new FaceFolder({ isCreated: false });
    await using gallery = await startWithHealth(faces.path);
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    await page.goto(gallery.url);
    await showsText(page, "[role=alert]", "here is no folder");
    const missing = await readiness(gallery);
    assert.equal(missing.status, 503);
    assert.match(missing.why!, /^store: there is no folder/);

    await faces.write(FACE);
    await showsFaces(page, 1);
    await showsText(page, "#live", "Live");
    assert.deepEqual(await readiness(gallery), { status: 200, why: undefined });

    const unmounted = `${faces.path}.unmounted`;
    await Deno.rename(faces.path, unmounted);
    await showsText(page, "[role=alert]", "here is no folder");
    assert.equal((await readiness(gallery)).status, 503);
    await Deno.mkdir(faces.path);
    await showsText(page, "[role=alert]", "another one than before");
    assert.equal((await readiness(gallery)).status, 503);

    await Deno.remove(faces.path);
    await Deno.rename(unmounted, faces.path);
    await showsText(page, "#live", "Live");
    assert.deepEqual(await readiness(gallery), { status: 200, why: undefined });
    await gallery.printed(/(the store answers again[^]*){2}/);
    assert.equal(gallery.stderr.match(/the store answers again/g)?.length, 2, gallery.stderr);
  },
);

Deno.test("characters that change the direction of text are shown as escapes", inBrowser, async () => {
  using faces = new FaceFolder({ isCreated: false });
  await faces.write("2026-11-25/10-00-00-000_front\u202egnp\u200b_0123456789ab.png", PLAIN_PICTURE);
  await using gallery = await startWithHealth(faces.path);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await showsFaces(page, 1);
  const texts = await page.$$eval(
    ".where",
    (names) => names.map(({ textContent }) => textContent),
  );
  // What is seen and what is read aloud; the link itself is encoded.
  const html = await page.evaluate(
    `document.body.innerText + [...document.querySelectorAll("[aria-label], [alt], [title], [href]")].map((one) =>
      ["aria-label", "alt", "title", "href"].map((name) => one.getAttribute(name)).join())`,
  );
  assert.match(texts[0]!, /^front\\u202egnp\\u200b/);
  assert.doesNotMatch(texts[0]! + html, /[\u202e\u200b]/);
});

Deno.test("a wrong secret ends the gallery and is said once", needs("versitygw"), async () => {
  await using server = await S3Server.start();
  const args = ["--store", `s3://${server.bucket}/faces`, "--s3-endpoint", server.endpoint];
  const env = { ...server.credentials, AWS_SECRET_ACCESS_KEY: "wrong" };
  const { code, stderr } = await runProgram("gallery", [...args, "--listen", "127.0.0.1:0"], { env });
  const expected = `gallery: ${server.endpoint} refuses the secret key\n` +
    "Try: set AWS_SECRET_ACCESS_KEY in the environment\n";
  assert.deepEqual({ code, stderr }, { code: 78, stderr: expected });
});
