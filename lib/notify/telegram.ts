/**
 * Telegram's Bot API: https://core.telegram.org/bots/api (sendPhoto, sendMessage, editMessageMedia, InputMediaPhoto,
 * ResponseParameters).
 */
import { RejectedMessageError } from "../errors.ts";
import { answerOf, type FailedAnswer, meaningOf, parsed, type Poster } from "./http_post.ts";
import { pictureBlob, pictureName, withinCharacters, withText } from "./limits.ts";
import { type Notification, type Service, ServiceError } from "./notification.ts";

const MAX_CAPTION = 1_024;
const MAX_TEXT = 4_096;
const MAX_PHOTO_BYTES = 10_000_000;
/** The sum of width and height, and the ratio of the two. */
const MAX_PHOTO_SIDES = 10_000;
const MAX_PHOTO_RATIO = 20;

/** The chat of a bot. `api` is https://api.telegram.org, or a Bot API server of one's own. */
export function openTelegram(
  poster: Poster,
  { api, address, chat, token }: {
    readonly api: URL;
    readonly address: string;
    readonly chat: string;
    readonly token: string;
  },
): Service {
  const call = async (method: string, form: FormData, signal: AbortSignal) => {
    const url = new URL(api);
    url.pathname = `${url.pathname.replace(/\/$/, "")}/bot${token}/${method}`;
    const answer = await poster.post(url, { body: form, signal }, explain);
    const { result } = answerOf(answer, "Telegram", ({ ok }) => ok === true);
    const { message_id: id } = (result ?? {}) as { message_id?: number };
    return id === undefined ? undefined : String(id);
  };
  return {
    name: "telegram",
    address,
    canUpdate: true,
    async send(notification: Notification, { signal }) {
      const { event, picture, reference } = notification;
      const form = new FormData();
      form.append("chat_id", chat);
      if (event === "update") {
        if (!picture || !reference) return reference;
        checkPhoto(picture);
        const media = { type: "photo", media: "attach://face", caption: saidIn(notification, MAX_CAPTION) };
        form.append("message_id", reference);
        form.append("media", JSON.stringify(media));
        form.append("face", pictureBlob(picture), pictureName(picture));
        return await call("editMessageMedia", form, signal).catch(unlessUnchanged) ?? reference;
      }
      if (event === "summary") form.append("disable_notification", "true");
      if (!picture) {
        form.append("text", saidIn(notification, MAX_TEXT));
        return await call("sendMessage", form, signal);
      }
      checkPhoto(picture);
      form.append("caption", saidIn(notification, MAX_CAPTION));
      form.append("photo", pictureBlob(picture), pictureName(picture));
      return await call("sendPhoto", form, signal);
    },
  };
}

/** Title, text and link. A message without a picture cannot get one later, and then keeps its text. */
function saidIn({ link, ...words }: Notification, max: number): string {
  const { title, text } = withText(words);
  const said = title === "" ? text : `${title}\n${text}`;
  // A link that does not fit whole is worth nothing.
  const whole = link === undefined ? said : `${said}\n${link}`;
  return withinCharacters(whole.length <= max ? whole : said, max);
}

function checkPhoto({ bytes, width, height }: NonNullable<Notification["picture"]>): void {
  const isTooLarge = bytes.length > MAX_PHOTO_BYTES || width + height > MAX_PHOTO_SIDES;
  if (isTooLarge || Math.max(width, height) > MAX_PHOTO_RATIO * Math.min(width, height)) {
    throw new RejectedMessageError("its picture is too large or too narrow for Telegram");
  }
}

/** The same picture again, as after a lost answer. */
function unlessUnchanged(error: unknown): undefined {
  if (error instanceof RejectedMessageError && /not modified/.test(error.message)) return undefined;
  throw error;
}

function explain(answer: FailedAnswer): Error | undefined {
  const json = parsed(answer.text);
  const { retry_after: seconds, migrate_to_chat_id: chat } = (json?.parameters ?? {}) as Record<
    string,
    unknown
  >;
  const said = meaningOf(answer).message;
  if (typeof seconds === "number") return new ServiceError(said, { retryAfterMs: seconds * 1000 });
  if (typeof chat === "number") return new ServiceError(said, { hint: `set --telegram to ${chat}` });
  if (answer.status === 400 && /chat not found/i.test(said)) {
    return new ServiceError(said, { hint: "check --telegram, and write to the bot once" });
  }
  return meaningOf(answer);
}
