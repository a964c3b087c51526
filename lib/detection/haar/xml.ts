/** As much XML as OpenCV's files need: elements and text; attributes, comments and declarations are passed over. */

/** One element, its text without that of its children. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const MAX_DEPTH = 32;

/** The outermost element. Throws when the tags do not match. */
export function parseXml(xml: string): XmlElement {
  const document: XmlElement = { name: "", children: [], text: "" };
  const open = [document];
  for (let at = 0;;) {
    const tag = xml.indexOf("<", at);
    const inside = open[open.length - 1];
    if (tag < 0) break;
    if (tag > at) inside.text += xml.slice(at, tag);
    if (xml.startsWith("<!--", tag)) {
      at = after(xml, "-->", tag);
      continue;
    }
    at = after(xml, ">", tag);
    const first = xml[tag + 1];
    if (first === "?" || first === "!") continue;
    if (first === "/") {
      if (xml.slice(tag + 2, at - 1).trim() !== inside.name) throw new SyntaxError("XML tags do not match");
      open.pop();
      continue;
    }
    const closed = xml[at - 2] === "/";
    const [name] = xml.slice(tag + 1, closed ? at - 2 : at - 1).split(/\s/, 1);
    const element: XmlElement = { name, children: [], text: "" };
    inside.children.push(element);
    if (!closed && open.push(element) > MAX_DEPTH) throw new SyntaxError("XML is nested too deep");
  }
  if (open.length !== 1 || document.children.length !== 1) throw new SyntaxError("XML ends early");
  return document.children[0];
}

function after(xml: string, mark: string, from: number): number {
  const at = xml.indexOf(mark, from);
  if (at < 0) throw new SyntaxError("XML ends early");
  return at + mark.length;
}
