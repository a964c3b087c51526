/** Who may open the gallery and what they may do: its settings, and the parts that they describe. */
import { ConfigError } from "../errors.ts";
import type { Access } from "../web/access.ts";
import { DeletedFaces } from "../gallery/deleted_faces.ts";
import type { PictureStore } from "../gallery/picture_store.ts";
import { parseListenAddress, type ServerCertificate } from "../http_listen.ts";
import type { Log } from "../log.ts";
import { choice, grouped, number, text, type Values } from "../settings/declare.ts";
import { readServerCertificate } from "./pem_files.ts";
import { openPageAccess } from "./page_access.ts";
import { checkPageAddress, PAGE_TOKEN } from "./page_token.ts";

/** The settings of access to the gallery. */
export const GALLERY_ACCESS_SETTINGS = grouped("page", {
  listen: {
    help: "address of the page",
    details: "Port 0 selects a free port. Write an IPv6 address in brackets.",
    placeholder: "HOST:PORT",
    fallback: "127.0.0.1:8080",
    parse: parseListenAddress,
  },
  token: PAGE_TOKEN,
  session: number({
    help: "end a browser's session this long after its login",
    min: 0.01,
    max: 365,
    fraction: true,
    unit: "days",
    fallback: "30",
  }),
  allow: choice(["nothing", "delete"], {
    help: "permit viewers to delete faces from the store",
    details: "delete needs a token, and the right to delete in the bucket or the folder.",
    fallback: "nothing",
  }),
  tlsCert: text({ help: "certificate of the page (PEM): serve HTTPS", placeholder: "FILE" }),
  tlsKey: text({ help: "private key of the page's certificate (PEM)", placeholder: "FILE" }),
});

type AccessSettings = Values<typeof GALLERY_ACCESS_SETTINGS>;

/** Checks who would get access. Throws a ConfigError when anybody could see or delete the faces. */
export function checkGalleryAccess({ listen, token, allow }: AccessSettings): void {
  checkPageAddress(listen, { token }, { what: "the faces", flag: "--listen 127.0.0.1:8080" });
  if (allow === "delete" && token === undefined) {
    throw new ConfigError(
      "refusing --allow delete without a token: every program on this machine could delete the faces",
      "set HAARLEM_TOKEN=$(openssl rand -hex 16) in the environment",
    );
  }
}

/** The access control of the gallery. Wrong tokens go to the log. */
export function openGalleryAccess({ token, session }: AccessSettings, log: Log): Access {
  return openPageAccess({ token }, { sessionDays: session, log });
}

/** The store as the page shows it, and what deletes in it; the store itself where nothing may be deleted. */
export function openDeletion<S extends PictureStore>(
  store: S,
  { allow }: AccessSettings,
  log: Log,
): { readonly store: PictureStore; readonly deletion?: DeletedFaces } {
  if (allow !== "delete") return { store };
  const deletion = new DeletedFaces(store, {
    onDeletedAgain: (key) =>
      log.info("a deleted face was sent and stored again; it was deleted again", { key }),
  });
  return { store: deletion.store, deletion };
}

/**
 * Gives up the right to write files, which only deletions in a folder need, except below the cache folder. Deno then
 * refuses it, whatever happens in this process. The right to write below /run stays, for systemd.
 */
export async function giveUpWriting(
  { allow, store }: AccessSettings & { store: string },
  cacheFolder: string | undefined,
  { reportsToSystemd = false } = {},
): Promise<void> {
  if (allow === "delete" && !store.startsWith("s3:")) return;
  // A right that was granted by itself stays when the wider one is revoked.
  if (cacheFolder !== undefined) await Deno.permissions.request({ name: "write", path: cacheFolder });
  await Deno.permissions.revoke({ name: "write", path: "/" });
  // The executable of all programs has the right without a list. Then it can only be given up as a whole.
  if (cacheFolder === undefined && !reportsToSystemd) {
    await Deno.permissions.revoke({ name: "write" });
  }
}

/** Certificate and key of the page; undefined without them. Throws a ConfigError for files that are not usable. */
export function readPageCertificate({ tlsCert, tlsKey }: AccessSettings): ServerCertificate | undefined {
  return readServerCertificate({ cert: tlsCert, key: tlsKey });
}
