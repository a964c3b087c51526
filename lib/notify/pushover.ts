/**
 * Pushover: https://pushover.net/api (messages, attachments, priority, limits, "Being Friendly to our API"). A message
 * cannot be changed.
 */
import { RejectedMessageError } from "../errors.ts";
import { answerOf, type FailedAnswer, meaningOf, type Poster, retryAfterMs } from "./http_post.ts";
import { pictureBlob, pictureName, withinCharacters, withText } from "./limits.ts";
import { type Service, ServiceError } from "./notification.ts";

const MAX_TEXT = 1_024;
const MAX_TITLE = 250;
const MAX_LINK = 512;
const MAX_PICTURE_BYTES = 5_242_880;
/** No request may be repeated sooner. */
const RETRY_MS = 5_000;
/** Many requests that are refused within a few minutes block the sender's address. */
const REFUSED_RETRY_MS = 3_600_000;
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
    async send({ event, link, face, picture, ...words }, { signal }) {
      const { title, text } = withText(words);
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
      const answer = await poster.post(url, { body: form, signal }, explain).catch(later);
      answerOf(answer, "Pushover", ({ status }) => status === 1);
      return undefined;
    },
  };
}

/** A wrong token or user is a 400, like a wrong message; 429 is a quota that is used up. Repeating soon is no help. */
function explain(answer: FailedAnswer): Error | undefined {
  const isAccount = answer.status === 400 && /"(?:token|user)":\s*"/.test(answer.text);
  if (!isAccount && ![401, 403, 404, 429].includes(answer.status)) return undefined;
  return new ServiceError(meaningOf(answer).message, {
    hint: answer.status === 429
      ? "check the monthly quota of the application in Pushover"
      : "check --pushover and HAARLEM_PUSHOVER_TOKEN",
    retryAfterMs: retryAfterMs(answer.headers) ?? REFUSED_RETRY_MS,
  });
}

function later(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  const retryAfterMs = Math.max(RETRY_MS, error.options.retryAfterMs ?? 0);
  throw new ServiceError(error.message, { ...error.options, retryAfterMs });
}
