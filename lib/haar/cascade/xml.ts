/** Parses the XML of OpenCV's files: elements and text. Skips attributes, comments and declarations. */

/** One element. `text` excludes the text of its children. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  text: string;
}

const MAX_DEPTH = 32;

/** Shared by all elements without children, which are most. */
const NONE: XmlElement[] = [];

/** An element whose closing tag is not read yet. */
interface OpenElement extends XmlElement {
  children: XmlElement[];
}

/**
 * Returns the outermost element. Throws a SyntaxError if the tags do not match. Written for speed: a cascade is a
 * megabyte.
 */
export function parseXml(xml: string): XmlElement {
  const document: OpenElement = { name: "", children: NONE, text: "" };
  const open = [document];
  for (let at = 0;;) {
    const tag = xml.indexOf("<", at);
    const inside = open[open.length - 1];
    if (tag < 0) break;
    const text = afterSpace(xml, at);
    if (text < tag) inside.text += xml.slice(text, tag);
    if (xml.startsWith("<!--", tag)) {
      at = after(xml, "-->", tag);
      continue;
    }
    at = after(xml, ">", tag);
    const first = xml[tag + 1];
    if (first === "?" || first === "!") continue;
    if (first === "/") {
      if (nameIn(xml, tag + 2, at - 1) !== inside.name) throw new SyntaxError("XML tags do not match");
      open.pop();
      continue;
    }
    const closed = xml[at - 2] === "/";
    const name = nameIn(xml, tag + 1, closed ? at - 2 : at - 1);
    const element: OpenElement = { name, children: NONE, text: "" };
    if (inside.children === NONE) inside.children = [element];
    else inside.children.push(element);
    if (!closed && open.push(element) > MAX_DEPTH) throw new SyntaxError("XML is nested too deep");
  }
  if (open.length !== 1 || document.children.length !== 1) throw new SyntaxError("XML ends early");
  return document.children[0];
}

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13);

/** The index after white space. */
function afterSpace(xml: string, at: number): number {
  while (isSpace(xml.charCodeAt(at))) at++;
  return at;
}

/** The name in a tag: all before white space. */
function nameIn(xml: string, from: number, until: number): string {
  let end = from;
  while (end < until && !isSpace(xml.charCodeAt(end))) end++;
  return xml.slice(from, end);
}

function after(xml: string, mark: string, from: number): number {
  const at = xml.indexOf(mark, from);
  if (at < 0) throw new SyntaxError("XML ends early");
  return at + mark.length;
}
