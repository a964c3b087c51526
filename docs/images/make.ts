/**
 * Makes gallery.png: runs the demo on its sample (NASA's portrait of Eileen Collins, in the public domain) and takes a
 * picture of the gallery with Chromium. Run it after a change of the page: `deno run -A docs/images/make.ts`.
 */
import { join } from "node:path";
import { Chromium } from "../../test/servers/chromium.ts";
import { freePort } from "../../test/servers/free_port.ts";
import { RunningProgram } from "../../test/servers/run_program.ts";

const PICTURE = join(import.meta.dirname!, "gallery.png");
/** Two rows of the page. */
const FACES = 8;
const SIZE = { width: 760, height: 350 };

const folder = await Deno.makeTempDir({ prefix: "haarlem-picture-" });
try {
  const listen = `127.0.0.1:${freePort()}`;
  await using demo = new RunningProgram("demo", ["--store", folder, "--listen", listen]);
  await demo.printed(new RegExp(`face +${FACES} `));
  await using chromium = await Chromium.start();
  const page = await chromium.page(SIZE);
  await page.goto(`http://${listen}/`);
  await page.waitForSelector(`li[data-id]:nth-child(${FACES})`);
  await page.waitForNetworkIdle();
  await page.screenshot({ path: PICTURE });
  console.log(`${PICTURE}: ${Math.round((await Deno.stat(PICTURE)).size / 1024)} KiB`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
