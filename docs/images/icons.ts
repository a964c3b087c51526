/** Makes the PNG icons of the page from lib/gallery/page/icon.svg with Chromium: `deno run -A docs/images/icons.ts`. */
import { join } from "node:path";
import { inProject } from "../../lib/testing/files.ts";
import { Chromium } from "../../test/servers/chromium.ts";

const FOLDER = inProject("lib/gallery/page");
/** Launchers cut a maskable icon to their own shape: its colour reaches the edge, its drawing stays in the middle. */
const ICONS = [
  { name: "icon-192.png", side: 192, isMaskable: false },
  { name: "icon-512.png", side: 512, isMaskable: false },
  { name: "icon-maskable.png", side: 512, isMaskable: true },
];

const svg = await Deno.readTextFile(join(FOLDER, "icon.svg"));
await using chromium = await Chromium.start();
for (const { name, side, isMaskable } of ICONS) {
  const page = await chromium.page({ width: side, height: side });
  const style =
    `body{margin:0;background:${
      isMaskable ? "#24506b" : "transparent"
    }}svg{display:block;width:100vw;height:100vh;` +
    `${isMaskable ? "scale:.72" : ""}}`;
  await page.setContent(`<style>${style}</style>${svg}`);
  await page.screenshot({ path: join(FOLDER, name) as `${string}.png`, omitBackground: true });
  console.log(`${name}: ${(await Deno.stat(join(FOLDER, name))).size} bytes`);
}
