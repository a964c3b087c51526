/** The files of the page. They lie beside this module, in a compiled program too. */
import { readAsset } from "../assets.ts";
import { answer, PAGE_POLICY } from "./responses.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const NAMES = [
  "page.html",
  "page.css",
  "page.js",
  "icon.svg",
  "token_wanted.html",
  "token_taken.html",
] as const;

/** A file of the page. */
export type PageFile = (typeof NAMES)[number];

/** Makes the answer that a file of the page is. */
export type PageFiles = (
  name: PageFile,
  options?: { status?: number; headers?: Record<string, string> },
) => Response;

/** Reads the files, once. */
export function readPageFiles(): PageFiles {
  const texts = new Map<PageFile, string>();
  const decoder = new TextDecoder();
  for (const name of NAMES) texts.set(name, decoder.decode(readAsset(`lib/gallery/page/${name}`)));
  return (name, { status, headers } = {}) => {
    const type = TYPES[name.slice(name.indexOf(".") + 1)];
    return answer(texts.get(name)!, { status, type, policy: PAGE_POLICY, headers });
  };
}

/** The name of the file that the page asks for under this path. */
export function pageFileAt(pathname: string): PageFile | undefined {
  return (["page.css", "page.js", "icon.svg"] as const).find((name) => pathname === `/${name}`);
}
