/** The files of the page. They lie beside this module, also in a compiled program. */
import { type PageFiles as Files, readFiles } from "../web/page_files.ts";

/** The modules of the pages, each with one idea. */
const MODULES = [
  "address.js",
  "api.js",
  "arrivals.js",
  "ask.js",
  "camera_list.js",
  "cameras.js",
  "card.js",
  "card_input.js",
  "chips.js",
  "day_control.js",
  "day_model.js",
  "day_section.js",
  "deletion.js",
  "dialog.js",
  "dom.js",
  "door.js",
  "download.js",
  "empty.js",
  "face_link.js",
  "facts.js",
  "film.js",
  "gallery.js",
  "gone.js",
  "grid.js",
  "header.js",
  "holders.js",
  "known_cameras.js",
  "link.js",
  "live.js",
  "news.js",
  "notices.js",
  "quarter_link.js",
  "repeats.js",
  "seen.js",
  "selection.js",
  "strip.js",
  "swipe.js",
  "timeline.js",
  "words.js",
] as const;

/** Files that the page loads. They contain no faces: they are public. */
const PUBLIC_NAMES = [
  ...["base.css", "cameras.css", "dialog.css", "door.css", "gallery.css"] as const,
  ...["icon.svg", "icon-192.png", "icon-512.png", "icon-maskable.png", "manifest.webmanifest"] as const,
  ...MODULES,
] as const;
const NAMES = [
  ...PUBLIC_NAMES,
  "gallery.html",
  "cameras.html",
  "login.html",
  "reload.html",
  "share.html",
  "share_ended.html",
] as const;

/** A file of the page. */
export type PageFile = (typeof NAMES)[number];

export type PageFiles = Files<PageFile>;

/** Reads all files of the page into memory. */
export function readPageFiles(): PageFiles {
  return readFiles(NAMES, (name) => `lib/gallery/page/${name}`);
}

/** The public file at a request path; undefined when there is none. */
export function publicFileAt(pathname: string): PageFile | undefined {
  return PUBLIC_NAMES.find((name) => pathname === `/${name}`);
}
