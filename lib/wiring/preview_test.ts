/** The aiming page: who may see it, and what it makes of frames. */
import assert from "node:assert/strict";
import type { Detection } from "../detection/engine.ts";
import { ConfigError } from "../errors.ts";
import { Health } from "../health/health.ts";
import type { Frame } from "../image/frame.ts";
import { jpegSize } from "../image/jpeg.ts";
import { decodePng } from "../image/png.ts";
import type { Log } from "../log.ts";
import { readSettings } from "../settings/read.ts";
import { text } from "../settings/declare.ts";
import { asset } from "../assets.ts";
import { Authority } from "../../test/servers/certificates.ts";
import { until } from "../testing/until.ts";
import { DETECTION_SETTINGS } from "./detection.ts";
import { countSettled } from "./outcome_metrics.ts";
import { checkPreview, openPreview, PREVIEW_SETTINGS } from "./preview_settings.ts";
import type { PreviewContext } from "./preview.ts";
import { addSearchMetrics, type SelectableFrame } from "./search.ts";
import { openSelector, SELECTION_SETTINGS } from "./selection.ts";

const TOKEN = "b5bb9d8014a0f9b1";
/** The settings of a detector without an aiming page. */
const NO_PAGE = {
  preview: undefined,
  token: undefined,
  previewTlsCert: undefined,
  previewTlsKey: undefined,
  explain: undefined,
};
const FACE: Detection = { x: 176, y: 66, width: 95, height: 95 };
const portrait = decodePng(await Deno.readFile(asset("lib/camera/sample/astronaut.png")));

function read(args: string[]) {
  const declared = {
    ...PREVIEW_SETTINGS,
    ...DETECTION_SETTINGS,
    ...SELECTION_SETTINGS,
    camera: text({ help: "name", fallback: "front" }),
  };
  return readSettings("detector", declared, { args, env: { HAARLEM_TOKEN: TOKEN } });
}

Deno.test("elsewhere than on loopback the page needs a token", () => {
  const preview = { host: "0.0.0.0", port: 8081 };
  const settings = { ...NO_PAGE, once: false };
  assert.throws(
    () => checkPreview({ ...settings, preview }),
    (error: ConfigError) =>
      error instanceof ConfigError &&
      error.message ===
        'refusing to listen on "0.0.0.0" without a token: anyone who can reach it would see the picture',
  );
  checkPreview({ ...settings, preview, token: TOKEN });
  checkPreview({ ...settings, preview: { host: "127.0.0.1", port: 0 } });
  checkPreview({ ...settings, preview: undefined });
  assert.throws(() => checkPreview({ ...settings, preview: undefined, explain: "x" }), /without --once/);
  checkPreview({ ...settings, preview: undefined, explain: "x", once: true });
});

Deno.test("a certificate of the page without the page is refused", () => {
  const check = (given: { previewTlsCert?: string; previewTlsKey?: string }) => () =>
    checkPreview({ ...NO_PAGE, once: false, ...given });
  assert.throws(check({ previewTlsCert: "page.crt", previewTlsKey: "page.key" }), {
    message: "--preview-tls-cert is given without --preview: there is no page to serve\n" +
      "--preview-tls-key is given without --preview: there is no page to serve",
    hint: "add --preview HOST:PORT, or remove --preview-tls-cert and --preview-tls-key",
  });
  assert.throws(check({ previewTlsKey: "page.key" }), { hint: /or remove --preview-tls-key$/ });
  const preview = { host: "127.0.0.1", port: 0 };
  checkPreview({ ...NO_PAGE, once: false, preview, previewTlsCert: "page.crt", previewTlsKey: "page.key" });
});

Deno.test("with a certificate the page speaks HTTPS only, and its cookie is for HTTPS only", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.sign();
  const { page } = await start(["--preview-tls-cert", cert, "--preview-tls-key", key]);
  await using _ = page;
  assert.match(page.url, /^https:/);
  using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(authority.cert)] });
  const login = await fetch(page.url + "login", {
    ...{ client, method: "POST", redirect: "manual", body: new URLSearchParams({ token: TOKEN }) },
    headers: { Origin: page.url.slice(0, -1) },
  });
  await login.body?.cancel();
  assert.match(login.headers.get("set-cookie") ?? "", /^__Host-.*; Secure/);
  await assert.rejects(fetch(page.url.replace("https:", "http:")));
  await assert.rejects(start(["--preview-tls-cert", cert]), /without --preview-tls-key/);
});

Deno.test("a renewed certificate of the page is used without a restart", async () => {
  await using before = await Authority.create();
  await using after = await Authority.create();
  const [{ cert, key }, renewed] = [await before.sign(), await after.sign()];
  const check = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let waits = 0;
  const { page, lines } = await start(["--preview-tls-cert", cert, "--preview-tls-key", key], {
    delay: () => [check, ended][Math.min(waits++, 1)].promise,
  });
  await using _ = page;
  using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(after.cert)] });
  const answers = () =>
    fetch(page.url, { client }).then((response) => response.body?.cancel().then(() => true), () => false);
  assert.equal(await answers(), false);
  await Deno.rename(renewed.key, key);
  await Deno.rename(renewed.cert, cert);
  check.resolve();
  await until(async () => await answers() === true, "the page has the renewed certificate");
  assert.equal(lines.filter((line) => /certificate of the page was renewed/.test(line)).length, 1);
});

/** The page of a detector that shows one frame again and again. */
async function start(args: string[], { delay }: { delay?: PreviewContext["delay"] } = {}) {
  const settings = read(["--preview", "127.0.0.1:0", ...args]);
  const health = new Health();
  const camera = health.component("camera");
  const metrics = addSearchMetrics(health, camera);
  const lines: string[] = [];
  const log = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (line: string) => void lines.push(line)]),
  );
  const page = (await openPreview(settings, {
    ...{
      metrics,
      camera,
      health,
      log: log as unknown as Log,
    },
    signal: new AbortController().signal,
    ...delay && { delay },
  }))!;
  const side = settings.minSize || 24;
  page.begin(settings, { width: side, height: side });
  const count = countSettled(metrics.detections, log as unknown as Log);
  const selector = await openSelector(
    settings,
    { name: "x", live: false, frames: async function* () {} },
    (settled) => {
      count(settled);
      page.settled(settled);
    },
  );
  let sourceTimeMs = 0;
  const show = (boxes: Detection[]) => {
    sourceTimeMs += 100;
    const frame: Frame = {
      ...portrait,
      pixels: { kind: "rgb24", rgb: portrait.rgb },
      capturedMs: sourceTimeMs,
      sourceTimeMs,
    };
    const result: SelectableFrame = {
      frame,
      boxes,
      detections: boxes,
      filtered: [],
      searched: "all",
      area: "all",
      isQuiet: false,
      searchMs: 3,
    };
    selector.update(frame, boxes);
    page.update(result, selector);
  };
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const ask = (path: string) => fetch(page.url + path, { headers });
  return { page, show, ask, lines };
}

Deno.test("a frame is shown with the detections, and with faces below --min-size that a second look finds", async () => {
  const { page, show, ask } = await start(["--min-size", "120"]);
  await using _ = page;
  let after = 0;
  type Shown = Record<"reason" | "text", string>;
  const { text } = await until(async () => {
    const asked = ask(`api/view?after=${after}`).then((response) => response.json());
    const shown = setInterval(() => show([]), 50);
    const { boxes, number } = await asked.finally(() => clearInterval(shown));
    after = number;
    return boxes.find(({ reason }: Shown) => reason === "too_small") as Shown | undefined;
  }, "the second look finds the face");
  assert.match(text, /^\d\d px, minimum 120$/);
  const { frame, counts, unsent, number } = await (await ask("api/view")).json();
  assert.deepEqual(frame, { width: 512, height: 512 });
  assert.ok(counts.find((one: { reason: string }) => one.reason === "too_small").count > 0);
  assert.ok(unsent.some(({ reason }: Shown) => reason === "too_small"));
  const picture = await (await ask(`picture.jpg?number=${number}`)).bytes();
  assert.deepEqual(jpegSize(picture), { width: 512, height: 512 });
  const crop = await (await ask(`crops/${unsent[0].id}.jpg`)).bytes();
  assert.ok(jpegSize(crop)!.width <= 160);
});

Deno.test("a visit that is never confirmed is in the list, also when nobody looked", async () => {
  const { page, show, ask } = await start(["--visit-gap", "0.2"]);
  await using _ = page;
  show([FACE]);
  for (let time = 0; time < 4; time++) show([]);
  const { unsent } = await (await ask("api/view")).json();
  assert.deepEqual(unsent.map(({ reason, text, detail }: Record<string, string>) => [reason, text, detail]), [
    ["unconfirmed", "not confirmed: 1 detection", "needs 2 in 4 frames"],
  ]);
});
