/** The settings of the aiming page of a detector. */
import { parseListenAddress } from "../http_listen.ts";
import { grouped, type Setting, type Values } from "../settings/declare.ts";
import { checkPageAddress, PAGE_TOKEN } from "./page_token.ts";
import type { AimingPage, PreviewContext, PreviewSettings } from "./preview.ts";

/** The settings of the aiming page. */
export const PREVIEW_SETTINGS = grouped("aiming page", {
  preview: {
    help: "address of a page that shows the picture, and why faces are not sent",
    details:
      "Without it there is no page. Port 0 selects a free port. Elsewhere than on loopback it needs a token.",
    placeholder: "HOST:PORT",
    parse: parseListenAddress,
  } as Setting<ReturnType<typeof parseListenAddress> | undefined>,
  token: PAGE_TOKEN,
});

/** Throws a ConfigError when anybody could see the picture. */
export function checkPreview({ preview, token }: Values<typeof PREVIEW_SETTINGS>): void {
  if (preview) {
    checkPageAddress(preview, { token }, { what: "the picture", flag: "--preview 127.0.0.1:8081" });
  }
}

/** Opens the page; undefined without `--preview`. Throws a FatalError when its address is in use. */
export async function openPreview(
  settings: PreviewSettings,
  context: PreviewContext,
): Promise<AimingPage | undefined> {
  if (!settings.preview) return undefined;
  const { AimingPage } = await import("./preview.ts");
  return new AimingPage(settings, context);
}
