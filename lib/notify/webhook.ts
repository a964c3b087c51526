/** A webhook of one's own: JSON, or a form with JSON and picture, signed by HMAC-SHA256. docs/FORMATS.md specifies it. */
import { createHmac } from "node:crypto";
import type { Poster } from "./http_post.ts";
import { pictureBlob, pictureName } from "./limits.ts";
import { machineText } from "./machine_text.ts";
import type { Notification, Service } from "./notification.ts";

/** The address, the kind of body, and the secret of the signature. */
export function openWebhook(
  poster: Poster,
  { url, address, body: kind, secret }: {
    readonly url: URL;
    readonly address: string;
    readonly body: "json" | "multipart";
    readonly secret?: string;
  },
): Service {
  return {
    name: "webhook",
    address,
    canUpdate: true,
    async send(notification, { signal }) {
      const { bytes, contentType } = await bodyOf(notification, kind);
      const headers = {
        "Content-Type": contentType,
        "X-Haarlem-Event": notification.event,
        // The same for each attempt, so that the receiver can ignore a second copy.
        "X-Haarlem-Delivery": `${notification.event}-${notification.face?.id ?? notification.key}`,
        ...(secret && { "X-Haarlem-Signature": `sha256=${signature(bytes, secret)}` }),
      };
      await poster.post(url, { headers, body: bytes, signal });
      return notification.key;
    },
  };
}

/** HMAC-SHA256 of a body, 64 hex digits. */
export function signature(body: Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** The bytes are made here, not by fetch, because the signature covers them. */
async function bodyOf(
  notification: Notification,
  kind: "json" | "multipart",
): Promise<{ bytes: Uint8Array<ArrayBuffer>; contentType: string }> {
  const text = machineText(notification);
  if (kind === "json") return { bytes: new TextEncoder().encode(text), contentType: "application/json" };
  const form = new FormData();
  form.append("notification", new Blob([text], { type: "application/json" }), "notification.json");
  const { picture } = notification;
  if (picture) form.append("picture", pictureBlob(picture), pictureName(picture));
  const whole = new Response(form);
  return {
    bytes: new Uint8Array(await whole.arrayBuffer()),
    contentType: whole.headers.get("content-type")!,
  };
}
