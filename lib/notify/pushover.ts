/** Pushover: https://pushover.net/api (messages, attachments, priority, limits). A message cannot be changed. */
import { RejectedMessageError } from "../errors.ts";
import { type FailedAnswer, meaningOf, type Poster } from "./http_post.ts";
import { pictureBlob, pictureName, withinCharacters } from "./limits.ts";
import { type Service, ServiceError } from "./notification.ts";

const MAX_TEXT = 1_024;
const MAX_TITLE = 250;
const MAX_LINK = 512;
const MAX_PICTURE_BYTES = 5_242_880;
/** -1 makes no sound. */
const PRIORITIES = { visit: "0", update: "-1", summary: "-1" } as const;

/** A user or group, for the application of `token`. */
export function openPushover(
  poster: Poster,
  { api, address, user, token }: {
    readonly api: URL;
    readonly address: string;
    readonly user: string;
    readonly token: string;
  },
): Service {
  const url = new URL(api);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/1/messages.json`;
  return {
    name: "pushover",
    address,
    canUpdate: false,
    async send({ event, title, text, link, face, picture }, { signal }) {
      if (picture && picture.bytes.length > MAX_PICTURE_BYTES) {
        throw new RejectedMessageError("its picture is too large for Pushover");
      }
      const form = new FormData();
      form.append("token", token);
      form.append("user", user);
      form.append("title", withinCharacters(title, MAX_TITLE));
      form.append("message", withinCharacters(text, MAX_TEXT));
      form.append("priority", PRIORITIES[event]);
      if (face?.isTimeTrusted) form.append("timestamp", String(Math.floor(Date.parse(face.captured) / 1000)));
      if (link && link.length <= MAX_LINK) form.append("url", link);
      if (picture) form.append("attachment", pictureBlob(picture), pictureName(picture));
      await poster.post(url, { body: form, signal }, explain);
      return undefined;
    },
  };
}

/** A wrong token or user is a 400, like a wrong message. */
function explain(answer: FailedAnswer): Error | undefined {
  if (!/"(?:token|user)":\s*"/.test(answer.text) || answer.status !== 400) return undefined;
  return new ServiceError(meaningOf(answer).message, { hint: "check --pushover and HAARLEM_PUSHOVER_TOKEN" });
}
