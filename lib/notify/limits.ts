/** Fits texts to the limits of services, and names their pictures. */
import type { Notification } from "./notification.ts";

/**
 * The text, cut to a number of characters; a cut text ends with `…`. Services do not say whether they count UTF-16 code
 * units or code points: the text has at most `max` of either.
 */
export function withinCharacters(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The text, cut to a number of bytes in UTF-8; a cut text ends with `…`. */
export function withinBytes(text: string, max: number): string {
  const bytes = (one: string) => new TextEncoder().encode(one).length;
  if (bytes(text) <= max) return text;
  const room = max - bytes("…");
  const letters: string[] = [];
  let used = 0;
  for (const letter of text) {
    used += bytes(letter);
    if (used > room) break;
    letters.push(letter);
  }
  return `${letters.join("")}…`;
}

/** Title and text for a service that takes no empty text: a template may be empty. Then the title is the text. */
export function withText(
  { title, text }: Pick<Notification, "title" | "text">,
): { title: string; text: string } {
  return text.trim() === "" ? { title: "", text: title.trim() === "" ? "Visit" : title } : { title, text };
}

/** A file name for a picture. */
export function pictureName({ contentType }: NonNullable<Notification["picture"]>): string {
  return contentType === "image/png" ? "face.png" : "face.jpg";
}

/** A picture as a part of a form. */
export function pictureBlob({ bytes, contentType }: NonNullable<Notification["picture"]>): Blob {
  return new Blob([bytes], { type: contentType });
}
