/** The gallery over TLS, deletions in a folder, and deleted faces that are sent again. */
import assert from "node:assert/strict";
import { exists } from "../../lib/testing/files.ts";
import { TextReader } from "../../lib/testing/text_reader.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Authority } from "../servers/certificates.ts";
import { runProgram } from "../servers/run_program.ts";
import { CloudSide, makeFace } from "./cloud_side.ts";
import { FaceFolder, keysOf, NOON_MS, startGallery } from "./gallery_page.ts";

const TOKEN = "3f9c1b7e5a2d4806";
const HAARLEM_TOKEN = TOKEN;

/** The names in a folder; none where it does not exist: a folder of a day goes with its last face. */
const filesIn = (folder: string) =>
  exists(folder) ? Array.from(Deno.readDirSync(folder), ({ name }) => name).sort() : [];

Deno.test("over TLS a login, a deletion that open pages see, a zip and a shared link", async () => {
  using faces = new FaceFolder();
  const keys = [await faces.save(NOON_MS), await faces.save(NOON_MS + 60_000)].sort();
  await using authority = await Authority.create();
  const { cert, key } = await authority.sign();
  const tls = ["--tls-cert", cert, "--tls-key", key];
  await using gallery = await startGallery(["--store", faces.path, "--allow", "delete", ...tls], {
    HAARLEM_TOKEN,
  });
  assert.match(gallery.url, /^https:\/\/127\.0\.0\.1:\d+\/$/);
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(authority.cert)] });
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${gallery.url}${path}`, { ...init, client, redirect: "manual" });
  const origin = gallery.url.slice(0, -1);

  const login = await send("login", { method: "POST", headers: { origin }, body: `token=${TOKEN}` });
  await login.body?.cancel();
  const setCookie = login.headers.get("set-cookie")!;
  assert.match(setCookie, /^__Host-haarlem_.*; Secure$/);
  const headers = { cookie: setCookie.split(";")[0], origin };
  const session = await (await send("api/session", { headers })).json();
  assert.deepEqual(session.allow, ["delete"]);

  const zip = await send("api/zip", { method: "POST", headers, body: JSON.stringify({ keys }) });
  assert.match(new TextDecoder("latin1").decode(await zip.bytes()), /^PK/);
  const { url } = await (await send("api/share", {
    method: "POST",
    headers,
    body: JSON.stringify({ key: keys[0], hours: 1 }),
  })).json();
  assert.match(await (await send(url)).text(), /31 January 2026/);

  const events = new TextReader((await send("events", { headers })).body!);
  await events.until(/event: ready/);
  const elsewhere = await send("api/faces", {
    method: "DELETE",
    headers: { ...headers, origin: "https://elsewhere.example" },
    body: JSON.stringify({ keys }),
  });
  assert.equal(elsewhere.status, 403);
  await elsewhere.body?.cancel();
  const body = JSON.stringify({ keys: [keys[0]] });
  assert.deepEqual(await (await send("api/faces", { method: "DELETE", headers, body })).json(), {
    deleted: [keys[0]],
    failed: [],
  });
  await events.until(/event: removed\ndata: .*\n/);
  assert.ok(events.text.includes(`event: removed\ndata: ["${keys[0]}"]`), events.text);
  await events.cancel();
  assert.deepEqual(filesIn(`${faces.path}/2026-01-31`), [keys[1].split("/")[1]]);
  assert.match(await (await send(url)).text(), /not there any more/, "the link ends with its face");
  await gallery.printed(/faces were deleted deleted=1 .*from=127\.0\.0\.1/);
  assert.ok(!gallery.stderr.includes(TOKEN));
});

Deno.test("a gallery that may delete needs a token, and one that may not has no right to write", async () => {
  using faces = new FaceFolder();
  const open = await runProgram("gallery", ["--store", faces.path, "--allow", "delete"]);
  assert.equal(open.code, 78);
  assert.match(open.stderr, /refusing --allow delete without a token: .*\nTry: set HAARLEM_TOKEN=/);

  const weak = await runProgram("gallery", ["--store", faces.path], {
    env: { HAARLEM_TOKEN: "haarlem-gallery-2026" },
  });
  assert.equal(weak.code, 78);
  assert.match(weak.stderr, /HAARLEM_TOKEN has a wrong value \(not shown\): should be random/);
});

Deno.test(
  "a deleted face whose receipt was lost gets its receipt, and is not stored again",
  needs("mosquitto"),
  async () => {
    using faces = new FaceFolder();
    await using side = await CloudSide.start(["--store", faces.path]);
    await using gallery = await startGallery(["--store", faces.path, "--allow", "delete"], { HAARLEM_TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const remove = async (keys: readonly string[]) => {
      const body = JSON.stringify({ keys });
      return await (await fetch(`${gallery.url}api/faces`, { method: "DELETE", headers, body })).json();
    };
    const face = makeFace();
    await side.publish(face);
    await side.receipted([face]);
    const [day] = filesIn(faces.path);
    const [file] = filesIn(`${faces.path}/${day}`);
    const key = `${day}/${file}`;
    assert.deepEqual((await remove([key])).deleted, [key]);

    // The saver remembers the face: it answers the copy without storing it.
    side.receipts.clear();
    await side.publish(face);
    await side.receipted([face]);
    assert.deepEqual(filesIn(`${faces.path}/${day}`), []);

    // A saver that was restarted stores the copy. The gallery shows it to nobody.
    await side.saver.kill();
    await side.startSaver();
    side.receipts.clear();
    await side.publish(face);
    await side.receipted([face]);
    assert.deepEqual(filesIn(`${faces.path}/${day}`), [file]);
    const picture = await fetch(`${gallery.url}faces/${key}`, { headers });
    assert.equal(picture.status, 404);
    await picture.body?.cancel();
    const dayMs = Date.parse(day);
    await until(async () => (await keysOf(gallery, dayMs, headers)).length === 0, "the face is not listed");
  },
);

Deno.test("a renewed certificate is used without a restart", async () => {
  using faces = new FaceFolder();
  await using before = await Authority.create("before");
  await using after = await Authority.create("after");
  const [{ cert, key }, renewed] = [await before.sign(), await after.sign()];
  await using gallery = await startGallery(["--store", faces.path, "--tls-cert", cert, "--tls-key", key]);
  const answers = async ({ cert }: Authority) => {
    using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(cert)] });
    return await fetch(`${gallery.url}healthz`, { client }).then((it) => it.text(), () => undefined) !==
      undefined;
  };
  assert.deepEqual([await answers(before), await answers(after)], [true, false]);
  await Deno.rename(renewed.key, key);
  await Deno.rename(renewed.cert, cert);
  await until(() => answers(after), "the gallery has the renewed certificate");
  assert.equal(await answers(before), false);
  await gallery.printed(/the certificate of the page was renewed/);
});
