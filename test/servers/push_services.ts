/**
 * Stand-ins for push services on one local HTTP server. The real ones cannot be had in tests: Telegram and Pushover are
 * services, and ntfy and Gotify are in no registry that tests may use. Each accepts what its documentation allows,
 * rejects what it does not, and answers in its form.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";

/** The secrets that the stand-ins accept, and the addresses of the chat and the user. */
export const SECRETS = {
  ntfy: "tk_zq1geheim9vx",
  telegram: "123456:AAzq1geheim9vx",
  gotify: "Azq1geheim9vx",
  pushover: "azq1geheim9vxazq1geheim9vxabcd",
  webhook: "whzq1geheim9vx",
} as const;
export const TELEGRAM_CHAT = "-1001234567890";
export const PUSHOVER_USER = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG";

/** A message that a service took. */
export interface Taken {
  readonly service: string;
  /** Of Telegram, its method. */
  readonly method?: string;
  readonly title?: string;
  readonly text: string;
  readonly picture?: Uint8Array<ArrayBuffer>;
  /** All other fields and headers that matter. */
  readonly fields: Record<string, unknown>;
}

/** A text field of a form, whose line ends are CRLF as in every form. */
const fieldOf = (form: FormData, name: string) =>
  (form.get(name) as string | null ?? "").replaceAll("\r\n", "\n");

type Handler = (request: Request, path: string) => Promise<Taken | Response>;

/** All services on one port: `/ntfy-topic`, `/bot…`, `/message`, `/1/messages.json`, `/hook`. */
export class PushServices implements AsyncDisposable {
  readonly taken: Taken[] = [];
  /** Answers of the next requests, before they are looked at. */
  readonly nextAnswers: ((request: Request) => Response | Promise<Response>)[] = [];
  requests = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ port = 0 }: { port?: number } = {}) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    this.requests++;
    const scripted = this.nextAnswers.shift();
    if (scripted) {
      await request.body?.cancel();
      return await scripted(request);
    }
    const path = new URL(request.url).pathname;
    const handler = HANDLERS.find(([pattern]) => pattern.test(path))?.[1];
    if (!handler || request.method !== "POST") return new Response("not found", { status: 404 });
    const taken = await handler(request, path);
    if (taken instanceof Response) return taken;
    this.taken.push(taken);
    return Response.json(answerOf(taken, this.taken.length));
  }
}

/** What each service answers to a message that it took. */
function answerOf({ service, text, fields }: Taken, number: number): unknown {
  const time = Math.floor(Date.now() / 1000);
  switch (service) {
    case "ntfy":
      return { id: `msg${number}`, time, event: "message", topic: fields.topic, message: text };
    case "telegram":
      return {
        ok: true,
        result: { message_id: Number(fields.message_id ?? number), date: time, chat: { id: 1 } },
      };
    case "gotify":
      return { id: number, appid: 1, message: text, priority: fields.priority };
    default:
      return { status: 1, request: `request-${number}` };
  }
}

/**
 * ntfy: https://docs.ntfy.sh/publish/. Title at most 1 KB (400), attachment at most 15 MB (413, code 41301), text at most
 * 4,096 bytes; headers are ASCII or encoded by RFC 2047; priorities 1 to 5.
 */
const ntfy: Handler = async (request, path) => {
  const wrong = (code: number, error: string) =>
    Response.json({ code, http: Math.floor(code / 100), error }, {
      status: Math.floor(code / 100),
    });
  const header = (name: string) => {
    const value = request.headers.get(name) ?? "";
    assert.match(value, /^[\x20-\x7e]*$/, `${name} is not ASCII`);
    return value.replace(/(=\?UTF-8\?B\?[\w+/=]+\?=)(\s+(?==\?))?/g, "$1").replace(
      /=\?UTF-8\?B\?([\w+/=]+)\?=/g,
      (word, base64) => {
        assert.ok(word.length <= 75, "RFC 2047: an encoded word has at most 75 characters");
        return Buffer.from(base64, "base64").toString();
      },
    );
  };
  const authorization = request.headers.get("authorization");
  if (authorization && authorization !== `Bearer ${SECRETS.ntfy}`) return wrong(40101, "unauthorized");
  const body = await request.bytes();
  const [title, priority, sequence] = ["x-title", "x-priority", "x-sequence-id"].map(header);
  if (Buffer.byteLength(title) > 1024) return wrong(40000, "title too long");
  if (!/^[1-5]$/.test(priority)) return wrong(40007, "invalid priority parameter");
  if (sequence !== "" && !/^[-_A-Za-z0-9]{1,64}$/.test(sequence)) return wrong(40049, "invalid sequence ID");
  const filename = header("x-filename");
  if (filename !== "" && body.length > 15 * 2 ** 20) return wrong(41301, "attachment too large");
  const text = filename === "" ? new TextDecoder("utf-8", { fatal: true }).decode(body) : header("x-message");
  if (Buffer.byteLength(text) > 4096) return wrong(41300, "it would become an attachment");
  const fields = { topic: path.slice(1), priority, sequence, filename, click: header("x-click") };
  return { service: "ntfy", title, text, fields, ...(filename !== "" && { picture: body }) };
};

/**
 * Telegram: https://core.telegram.org/bots/api#sendphoto (caption 0 to 1024 characters, photo at most 10 MB),
 * #sendmessage (text 1 to 4096 characters), #editmessagemedia, #responseparameters.
 */
const telegram: Handler = async (request, path) => {
  const wrong = (code: number, description: string) =>
    Response.json({ ok: false, error_code: code, description }, { status: code });
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
  if (token !== SECRETS.telegram) return wrong(401, "Unauthorized");
  const form = await request.formData();
  const text = (name: string) => fieldOf(form, name);
  if (text("chat_id") !== TELEGRAM_CHAT) return wrong(400, "Bad Request: chat not found");
  const media = method === "editMessageMedia" ? JSON.parse(text("media")) : undefined;
  const file = form.get(media?.media.replace("attach://", "") ?? "photo") as File | null;
  const said = media?.caption ?? (method === "sendMessage" ? text("text") : text("caption"));
  const fields = { message_id: text("message_id") || undefined, silent: text("disable_notification") };
  if (method === "sendMessage") {
    if (said.length < 1 || said.length > 4096) return wrong(400, "Bad Request: message is too long");
    return { service: "telegram", method, text: said, fields };
  }
  if (!file) return wrong(400, "Bad Request: there is no photo in the request");
  if (file.size > 10_000_000) return wrong(413, "Request Entity Too Large");
  if (said.length > 1024) return wrong(400, "Bad Request: message caption is too long");
  const picture = new Uint8Array(await file.arrayBuffer());
  return { service: "telegram", method, text: said, picture, fields };
};

/** Gotify: https://gotify.net/api-docs#/message/createMessage, https://gotify.net/docs/msgextras. */
const gotify: Handler = async (request) => {
  const wrong = (errorCode: number, error: string) =>
    Response.json({ error, errorCode, errorDescription: error }, { status: errorCode });
  if (request.headers.get("x-gotify-key") !== SECRETS.gotify) {
    return wrong(401, "you need to provide a valid token");
  }
  if (request.headers.get("content-type") !== "application/json") return wrong(400, "not JSON");
  const { title, message, priority, extras } = await request.json();
  if (typeof message !== "string" || message === "") return wrong(400, "Field 'message' is required");
  if (!Number.isInteger(priority) || !Object.keys(extras).every((key) => /^\w+::\w+$/.test(key))) {
    return wrong(400, "malformed");
  }
  return { service: "gotify", title, text: message, fields: { priority, extras } };
};

/**
 * Pushover: https://pushover.net/api. Message at most 1024 characters, title 250, URL 512, attachment 5,242,880 bytes; a
 * wrong request is a 400 with the names of the wrong fields.
 */
const pushover: Handler = async (request) => {
  const form = await request.formData();
  const text = (name: string) => fieldOf(form, name);
  const wrong = (field: string, error: string) =>
    Response.json({ [field]: "invalid", errors: [error], status: 0, request: "r" }, { status: 400 });
  if (text("token") !== SECRETS.pushover) return wrong("token", "application token is invalid");
  if (text("user") !== PUSHOVER_USER) return wrong("user", "user identifier is not a valid user");
  const [title, message, priority, url] = ["title", "message", "priority", "url"].map(text);
  if (message === "" || Array.from(message).length > 1024) return wrong("message", "message is wrong");
  if (Array.from(title).length > 250 || url.length > 512) return wrong("title", "title or URL is too long");
  if (!/^-?[0-2]$/.test(priority)) return wrong("priority", "priority is invalid");
  const file = form.get("attachment") as File | null;
  if (file && file.size > 5_242_880) return wrong("attachment", "attachment is too large");
  const picture = file ? { picture: new Uint8Array(await file.arrayBuffer()) } : {};
  const fields = { priority, url, timestamp: text("timestamp") };
  return { service: "pushover", title, text: message, fields, ...picture };
};

/** A receiver as docs/NOTIFICATIONS.md describes it: checks the signature over the bytes of the body. */
const webhook: Handler = async (request) => {
  const bytes = await request.bytes();
  const type = request.headers.get("content-type")!;
  const expected = `sha256=${createHmac("sha256", SECRETS.webhook).update(bytes).digest("hex")}`;
  if (request.headers.get("x-haarlem-signature") !== expected) {
    return new Response("wrong signature", { status: 403 });
  }
  const form = type.startsWith("multipart/")
    ? await new Response(bytes, { headers: { "content-type": type } }).formData()
    : undefined;
  const json = form ? await (form.get("notification") as File).text() : new TextDecoder().decode(bytes);
  const fields = JSON.parse(json);
  const file = form?.get("picture") as File | null | undefined;
  const picture = file ? { picture: new Uint8Array(await file.arrayBuffer()) } : {};
  const delivery = request.headers.get("x-haarlem-delivery");
  const more = { delivery, authorization: request.headers.get("authorization") };
  return {
    service: "webhook",
    title: fields.title,
    text: fields.text,
    fields: { ...fields, ...more },
    ...picture,
  };
};

const HANDLERS: readonly [RegExp, Handler][] = [
  [/^\/bot/, telegram],
  [/^\/message$/, gotify],
  [/^\/1\/messages\.json$/, pushover],
  [/^\/hook$/, webhook],
  [/^\/[-_A-Za-z0-9]{1,64}$/, ntfy],
];
