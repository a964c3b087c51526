/** The settings of the aiming page of a detector. */
import { type ListenAddress, parseListenAddress, type ServerCertificate } from "../http_listen.ts";
import { ConfigError } from "../errors.ts";
import { wrongFolder } from "../safe_address.ts";
import { grouped, type Setting, text, type Values } from "../settings/declare.ts";
import type { ExplainedFrames, ExplainOptions } from "./explained_frames.ts";
import type { ExplainerSettings } from "./explainer.ts";
import { checkPageAddress, PAGE_TOKEN } from "./page_token.ts";
import { readServerCertificate } from "./pem_files.ts";
import type { AimingPage, PreviewContext, PreviewSettings } from "./preview.ts";

/** The settings of the aiming page. */
export const PREVIEW_SETTINGS = grouped("aiming page", {
  preview: {
    help: "address of a page that shows the picture, and why faces are not sent",
    details:
      "Without it there is no page. Port 0 selects a free port. Elsewhere than on loopback it needs a token.",
    placeholder: "HOST:PORT",
    parse: parseListenAddress,
  } as Setting<ListenAddress | undefined>,
  token: PAGE_TOKEN,
  previewTlsCert: text({
    help: "certificate of the aiming page (PEM): serve HTTPS",
    details: "--tls-cert is the detector's certificate for the broker.",
    placeholder: "FILE",
  }),
  previewTlsKey: text({ help: "private key of the aiming page's certificate (PEM)", placeholder: "FILE" }),
  explain: text({
    help: "with --once: write each frame with its detections and reasons into this folder",
    details:
      "JPEG files, at most 1000, in a folder that has none; frames without a detection are left out. Every frame is searched twice.",
    placeholder: "DIR",
    check: wrongFolder,
  }),
});

/**
 * Throws a ConfigError when anybody could see the picture, for settings of a page that there is not, and for an
 * `explain` that never ends.
 */
export function checkPreview(
  { preview, token, explain, once, previewTlsCert, previewTlsKey }:
    & Values<typeof PREVIEW_SETTINGS>
    & { readonly once: boolean },
): void {
  if (explain !== undefined && !once) {
    throw new ConfigError(
      `--explain "${explain}" is given without --once: it would write frames without end`,
      "add --once",
    );
  }
  if (preview) {
    checkPageAddress(preview, { token }, { what: "the picture", flag: "--preview 127.0.0.1:8081" });
  }
  checkPreviewCertificate({ preview, previewTlsCert, previewTlsKey });
}

/** Throws a ConfigError for a certificate or a key of a page that there is not. */
export function checkPreviewCertificate(
  { preview, previewTlsCert, previewTlsKey }: Values<
    Pick<typeof PREVIEW_SETTINGS, "preview" | "previewTlsCert" | "previewTlsKey">
  >,
): void {
  if (preview) return;
  const unused = [
    ...previewTlsCert === undefined ? [] : ["--preview-tls-cert"],
    ...previewTlsKey === undefined ? [] : ["--preview-tls-key"],
  ];
  if (unused.length === 0) return;
  throw new ConfigError(
    unused.map((flag) => `${flag} is given without --preview: there is no page to serve`).join("\n"),
    `add --preview HOST:PORT, or remove ${unused.join(" and ")}`,
  );
}

/** Certificate and key of the page; undefined without them. Throws a ConfigError for files that are not usable. */
export function readPreviewCertificate(
  { previewTlsCert, previewTlsKey }: Values<
    Pick<typeof PREVIEW_SETTINGS, "previewTlsCert" | "previewTlsKey">
  >,
): ServerCertificate | undefined {
  return readServerCertificate({
    certSetting: "preview-tls-cert",
    keySetting: "preview-tls-key",
    cert: previewTlsCert,
    key: previewTlsKey,
  });
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

/** Opens the folder of annotated frames; undefined without `--explain`. Throws a ConfigError when it cannot be made. */
export async function openExplained(
  settings: ExplainerSettings & { readonly explain?: string },
  options: Omit<ExplainOptions, "folder">,
): Promise<ExplainedFrames | undefined> {
  if (settings.explain === undefined) return undefined;
  const { ExplainedFrames } = await import("./explained_frames.ts");
  return await ExplainedFrames.open(settings, { ...options, folder: settings.explain });
}
