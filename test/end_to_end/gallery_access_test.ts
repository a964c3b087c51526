/** What the gallery refuses: requests without the token, paths outside the store, scripts in names, wrong settings. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { needs } from "../needs.ts";
import { Chromium } from "../servers/chromium.ts";
import { runProgram } from "../servers/run_program.ts";
import {
  face,
  FaceFolder,
  keysOf,
  labels,
  NOON_MS,
  PLAIN_PICTURE,
  showsFaces,
  startGallery,
} from "./gallery_page.ts";

const TOKEN = "3f9c1b7e5a2d4806";
const inBrowser = needs("chromium");

Deno.test("names and files with markup never run as a script", inBrowser, async () => {
  using faces = new FaceFolder();
  const evil = `<img src=x onerror="document.title='owned'">`;
  const names = [
    `2026-01-31/12-00-00-003_${evil}_0123456789ab.png`,
    `2026-01-31/12-00-00-002_"><svg onload=document.title='owned'>_0123456789ab.png`,
    `2026-01-31/12-00-00-001_javascript:document.title='owned'_0123456789ab.png`,
  ];
  for (const name of names) await faces.write(name, PLAIN_PICTURE);
  await using gallery = await startGallery(["--store", faces.path]);
  await using chromium = await Chromium.start();
  const page = await chromium.page();
  await page.goto(gallery.url);
  await showsFaces(page, 3);
  await faces.write(`2026-01-31/12-00-00-004_${evil}_ba9876543210.png`, PLAIN_PICTURE);
  await showsFaces(page, 4);
  assert.deepEqual((await labels(page))[0], evil);
  assert.equal(await page.$$eval("svg[onload], script:not([src]), img[src='x']", ({ length }) => length), 0);
  assert.equal(await page.title(), "Haarlem");

  await faces.write(
    "2026-01-31/page.png",
    new TextEncoder().encode("<script>document.title='owned'</script>"),
  );
  const response = await page.goto(`${gallery.url}faces/2026-01-31/page.png`);
  assert.equal(response!.status(), 404);
  assert.notEqual(await page.title(), "owned");
});

Deno.test(
  "a gallery with a token requires a login, which also holds for a link from another site",
  inBrowser,
  async () => {
    using faces = new FaceFolder();
    await faces.save(NOON_MS);
    await using gallery = await startGallery(["--store", faces.path], { HAARLEM_TOKEN: TOKEN });
    await using elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
      const html = `<a href="${gallery.url}">faces</a>`;
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    });
    await using chromium = await Chromium.start();
    const page = await chromium.page();
    const logIn = async (token: string) => {
      await page.type("input[name=token]", token);
      await Promise.all([page.waitForNavigation(), page.click("button[type=submit]")]);
    };
    assert.equal((await page.goto(gallery.url))!.status(), 401);
    await logIn("a-wrong-token");
    await page.waitForFunction(`document.body.innerText.includes("This is not the token")`);
    await logIn(TOKEN);
    await showsFaces(page, 1);
    assert.equal(page.url(), gallery.url, "the token does not stay in the address");
    assert.equal(await page.evaluate("document.cookie"), "");
    // For a browser, localhost is another site than 127.0.0.1: it sends no SameSite=Strict cookie with the link.
    await page.goto(`http://localhost:${elsewhere.addr.port}/`);
    await page.click("a");
    await showsFaces(page, 1);
    await gallery.printed(/a wrong token was sent from=127\.0\.0\.1 left=9/);
    assert.ok(!gallery.stderr.includes(TOKEN));
    await page.close();
  },
);

Deno.test("no request path reads a picture outside the folder", async () => {
  using faces = new FaceFolder();
  await faces.write(["../secret.png", "a.png"]);
  await using gallery = await startGallery(["--store", faces.path]);
  // Sent over TCP, since fetch normalises paths.
  const statusOf = async (path: string): Promise<string> => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(gallery.url).port) });
    const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const response = new Uint8Array(16);
    await connection.read(response);
    return new TextDecoder().decode(response).split(" ")[1];
  };
  assert.equal(await statusOf("/faces/a.png"), "200");
  const paths = [
    "/faces/../secret.png",
    "/faces/..%2fsecret.png",
    "/faces/%2e%2e/secret.png",
    "/faces/..%5csecret.png",
  ];
  for (
    const path of [...paths, `/faces/${faces.path}/../secret.png`, `/faces//${faces.path}/../secret.png`]
  ) {
    assert.match(await statusOf(path), /^4\d\d$/, path);
  }
});

Deno.test("the picture of a face has the stored bytes", async () => {
  using faces = new FaceFolder();
  const key = await faces.save(NOON_MS);
  await using gallery = await startGallery(["--store", faces.path]);
  assert.deepEqual(await keysOf(gallery, NOON_MS), [key]);
  const response = await fetch(`${gallery.url}faces/${key}`);
  assert.equal(readFace(new Uint8Array(await response.arrayBuffer())).id, face(NOON_MS, "door").id);
});

Deno.test("wrong settings end the gallery with one message", async () => {
  const open = await runProgram("gallery", ["--store", "faces", "--listen", "0.0.0.0:0"]);
  assert.equal(open.code, 78);
  assert.match(
    open.stderr,
    /^gallery: refusing to listen on "0\.0\.0\.0" without a token: .*\nTry: set HAARLEM_TOKEN=.*\n$/,
  );

  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const listen = `127.0.0.1:${taken.addr.port}`;
  const busy = await runProgram("gallery", ["--store", "faces", "--listen", listen]);
  assert.equal(busy.code, 1);
  assert.match(
    busy.stderr,
    /^gallery: cannot listen on "127\.0\.0\.1:\d+": address already in use\nTry: set --listen .*\n$/,
  );

  const wrong = await runProgram("gallery", ["--listen", "8080", "--poll", "0"], {
    env: { HAARLEM_TOKEN: "short" },
  });
  assert.equal(wrong.code, 78);
  for (
    const part of [
      /--store is required/,
      /--listen is "8080"/,
      /--poll is "0"/,
      /HAARLEM_TOKEN has a wrong value \(not shown\)/,
    ]
  ) {
    assert.match(wrong.stderr, part);
  }
});
