/** Reads the body of a request up to a limit. */

/** The body as text in UTF-8; undefined when it is larger than `maxBytes`. */
export async function readBody(
  { body }: Request,
  { maxBytes }: { maxBytes: number },
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
