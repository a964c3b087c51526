/**
 * Gotify: POST /message, https://gotify.net/api-docs#/message/createMessage, extras: https://gotify.net/docs/msgextras.
 * A message cannot carry a picture, only its address, and cannot be changed.
 */
import { answerOf, type Poster } from "./http_post.ts";
import { withText } from "./limits.ts";
import type { Service } from "./notification.ts";

/** Clients make a sound from 4 on; from 1 to 3 they show a notification silently. */
const PRIORITIES = { visit: 5, update: 2, summary: 2 } as const;

/** The application of `token` on the server at `url`. */
export function openGotify(
  poster: Poster,
  { url, address, token }: { readonly url: URL; readonly address: string; readonly token: string },
): Service {
  const to = new URL(url);
  to.pathname = `${to.pathname.replace(/\/$/, "")}/message`;
  return {
    name: "gotify",
    address,
    canUpdate: false,
    async send({ event, link, ...words }, { signal }) {
      const { title, text } = withText(words);
      const extras = {
        "client::display": { contentType: "text/plain" },
        ...(link && { "client::notification": { click: { url: link } } }),
      };
      const body = JSON.stringify({ title, message: text, priority: PRIORITIES[event], extras });
      const headers = { "Content-Type": "application/json", "X-Gotify-Key": token };
      const answer = await poster.post(to, { headers, body, signal });
      answerOf(answer, "Gotify", ({ id }) => id !== undefined);
      return undefined;
    },
  };
}
