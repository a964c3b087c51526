/**
 * The files of the aiming page. It shares styles, login and modules with the gallery. The paths of its modules are those
 * below `lib`, so that an import leads to the same file for the browser and for the type check.
 */
import { type PageFiles as Files, readFiles } from "../web/page_files.ts";

/** Files of the gallery's page that this one uses. */
const SHARED = ["base.css", "dom.js", "header.js", "words.js", "icon.svg"] as const;
/** Files of the login, which lie beside it. */
const LOGIN = ["base.css", "door.css", "door.js", "dom.js", "header.js", "words.js", "icon.svg"] as const;
const OWN = ["aim.css", "aim.js", "copy.js", "overlay.js", "unsent.js", "zones.js"] as const;

/** Public files, by their path. None holds a picture. */
const PUBLIC = [
  ...LOGIN,
  ...SHARED.map((name) => `gallery/page/${name}` as const),
  ...OWN.map((name) => `preview/page/${name}` as const),
];
const NAMES = [...PUBLIC, "aim.html", "login.html", "reload.html"] as const;

/** A file of the page. */
export type PageFile = typeof NAMES[number];
export type PageFiles = Files<PageFile>;

/** Reads all files into memory. */
export function readPreviewFiles(): PageFiles {
  return readFiles(NAMES, (name) => {
    if (name === "aim.html") return `lib/preview/page/${name}`;
    return name.includes("/") ? `lib/${name}` : `lib/gallery/page/${name}`;
  });
}

/** The public file at a request path; undefined when there is none. */
export function publicFileAt(pathname: string): PageFile | undefined {
  return PUBLIC.find((name) => pathname === `/${name}`);
}
