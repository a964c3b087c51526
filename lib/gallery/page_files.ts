/** The files of the page. They lie beside this module, also in a compiled program. */
import { readAsset } from "../assets.ts";
import { PAGE_POLICY, respond } from "./responses.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

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
  "empty.js",
  "facts.js",
  "gallery.js",
  "grid.js",
  "header.js",
  "live.js",
  "news.js",
  "notices.js",
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

/** Makes a response with a file of the page. `{{name}}` in it stands for the text `values.name`. */
export type PageFiles = (
  name: PageFile,
  options?: { status?: number; headers?: Record<string, string>; values?: Readonly<Record<string, string>> },
) => Response;

/** Reads all files of the page into memory. */
export function readPageFiles(): PageFiles {
  const contents = new Map(NAMES.map((name) => [name, readAsset(`lib/gallery/page/${name}`)]));
  return (name, { status, headers, values } = {}) => {
    const type = TYPES[name.slice(name.indexOf(".") + 1)];
    const content = contents.get(name)!;
    const body = values
      ? new TextDecoder().decode(content).replace(
        /\{\{ ?(\w+) ?\}\}/g,
        (_, value) => escaped(values[value] ?? ""),
      )
      : content;
    return respond(body, { status, type, policy: PAGE_POLICY, headers });
  };
}

/** A text as HTML, in an element or in quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** The public file at a request path; undefined when there is none. */
export function publicFileAt(pathname: string): PageFile | undefined {
  return PUBLIC_NAMES.find((name) => pathname === `/${name}`);
}
