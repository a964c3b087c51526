/** Responses with the files of a page. The files come with the program and are read into memory. */
import { readAsset } from "../assets.ts";
import { taggedBy } from "./etag.ts";
import { PAGE_POLICY, respond } from "./responses.ts";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

/**
 * Makes a response with a file of the page. `{{name}}` in it stands for the text `values.name`. Browsers keep files other
 * than HTML, and ask each time whether they are still right.
 */
export type PageFiles<Name extends string> = (
  name: Name,
  options?: { status?: number; headers?: Record<string, string>; values?: Readonly<Record<string, string>> },
) => Response;

/** Reads files; `pathOf` gives the path of each in the project. */
export function readFiles<Name extends string>(
  names: readonly Name[],
  pathOf: (name: Name) => string,
): PageFiles<Name> {
  const contents = new Map(names.map((name) => [name, readAsset(pathOf(name))]));
  const kept = names.filter((name) => !name.endsWith(".html"));
  const tags = new Map(kept.map((name) => [name, taggedBy(contents.get(name)!)]));
  return (name, { status, headers, values } = {}) => {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
    const content = contents.get(name)!;
    const body = values
      ? new TextDecoder().decode(content).replace(
        /\{\{ ?(\w+) ?\}\}/g,
        (_, value) => escaped(values[value] ?? ""),
      )
      : content;
    return respond(body, { status, type, policy: PAGE_POLICY, headers: { ...tags.get(name), ...headers } });
  };
}

/** A text as HTML, in an element or in quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
