/**
 * ntfy, ntfy.sh or self-hosted: https://docs.ntfy.sh/publish/ ("Attach local file", "Updating + deleting notifications",
 * "Limitations", "List of all parameters").
 */
import { RejectedMessageError } from "../errors.ts";
import { encodedWords } from "./encoded_words.ts";
import { answerOf, type Poster } from "./http_post.ts";
import type { Notification, Service } from "./notification.ts";
import { pictureName, withinBytes, withText } from "./limits.ts";

/** Longer messages become attachments themselves. */
const MAX_TEXT_BYTES = 4_096;
/** Longer titles are rejected. */
const MAX_TITLE_BYTES = 1_024;
/** The server's default; ntfy.sh takes less and answers 413. */
const MAX_PICTURE_BYTES = 15 * 2 ** 20;
/** 3 is the default; 2 and 1 make no sound. */
const PRIORITIES = { visit: "3", update: "1", summary: "2" } as const;

/** The topic at `url`. Updates replace a notification from ntfy 2.16 on; older servers add one without a sound. */
export function openNtfy(
  poster: Poster,
  { url, address, token }: { readonly url: URL; readonly address: string; readonly token?: string },
): Service {
  return {
    name: "ntfy",
    address,
    canUpdate: true,
    async send({ event, key, link, picture, ...words }: Notification, { signal }) {
      const { title, text } = withText(words);
      const said = withinBytes(text, MAX_TEXT_BYTES);
      if (picture && picture.bytes.length > MAX_PICTURE_BYTES) {
        throw new RejectedMessageError("its picture is too large");
      }
      const headers = {
        "X-Title": encodedWords(withinBytes(title, MAX_TITLE_BYTES)),
        "X-Priority": PRIORITIES[event],
        "X-Tags": "bust_in_silhouette",
        "X-Sequence-ID": key,
        ...(link && { "X-Click": encodedWords(link) }),
        ...(token && { Authorization: `Bearer ${token}` }),
        // The body is the picture, so the text is a header.
        ...(picture && { "X-Message": encodedWords(said), "X-Filename": pictureName(picture) }),
      };
      const answer = await poster.post(url, { headers, body: picture?.bytes ?? said, signal });
      answerOf(answer, "ntfy", ({ id }) => typeof id === "string");
      return key;
    },
  };
}
