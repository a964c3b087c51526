/** A notification as one line of JSON, for webhooks and commands. docs/FORMATS.md specifies it. */
import type { Notification } from "./notification.ts";

/** One line, without its line feed. The picture is not part of it. */
export function machineText({ event, key, title, text, link, face, summary, picture }: Notification): string {
  const { isTimeTrusted, key: objectKey, ...facts } = face ?? {};
  return JSON.stringify({
    event,
    notification: key,
    title,
    text,
    link,
    ...facts,
    ...(isTimeTrusted === false && { isTimeTrusted }),
    key: objectKey,
    ...(picture && { picture: { type: picture.contentType, bytes: picture.bytes.length } }),
    ...summary,
  });
}
