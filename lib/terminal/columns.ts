/** The width of text on a terminal: letters of East Asia and emoji take two columns, marks on a letter none. */
import truncatedWidth from "fast-string-truncated-width";

const ELLIPSIS = "…";

/** The width in columns. Escape codes have none. */
export function columnsOf(text: string): number {
  return truncatedWidth(text).width;
}

/** The text, at most this wide; what was cut ends with `…`. */
export function cutToColumns(text: string, columns: number): string {
  if (columns <= 0) return "";
  const { truncated, ellipsed, index } = truncatedWidth(text, { limit: columns, ellipsis: ELLIPSIS });
  return truncated ? text.slice(0, index) + (ellipsed ? ELLIPSIS : "") : text;
}
