/** The contract of a service, run on every service with a stand-in that checks what the real one documents. */
import assert from "node:assert/strict";
import {
  PUSHOVER_USER,
  PushServices,
  SECRETS,
  type Taken,
  TELEGRAM_CHAT,
} from "../../test/servers/push_services.ts";
import { RejectedMessageError } from "../errors.ts";
import { encodePng } from "../image/png.ts";
import { openGotify } from "./gotify.ts";
import { Poster } from "./http_post.ts";
import { type Notification, type Service, ServiceError } from "./notification.ts";
import { openNtfy } from "./ntfy.ts";
import { openPushover } from "./pushover.ts";
import { openTelegram } from "./telegram.ts";
import { openWebhook } from "./webhook.ts";

const poster = new Poster();
const address = "somewhere";
const signal = new AbortController().signal;

/** Each service, at a stand-in, with another secret if one is given. */
const SERVICES: Readonly<Record<string, (at: string, secret?: string) => Service>> = {
  ntfy: (at, token = SECRETS.ntfy) => openNtfy(poster, { url: new URL(`${at}/my-topic`), address, token }),
  telegram: (at, token = SECRETS.telegram) =>
    openTelegram(poster, { api: new URL(at), address, chat: TELEGRAM_CHAT, token }),
  gotify: (at, token = SECRETS.gotify) => openGotify(poster, { url: new URL(`${at}/`), address, token }),
  pushover: (at, token = SECRETS.pushover) =>
    openPushover(poster, { api: new URL(at), address, user: PUSHOVER_USER, token }),
  "webhook (json)": (at, secret = SECRETS.webhook) =>
    openWebhook(poster, { url: new URL(`${at}/hook`), address, body: "json", secret }),
  "webhook (multipart)": (at, secret = SECRETS.webhook) =>
    openWebhook(poster, { url: new URL(`${at}/hook`), address, body: "multipart", secret }),
};
/** Services that carry no picture. */
const WITHOUT_PICTURE = ["gotify", "webhook (json)"];

const bytes = new Uint8Array(encodePng({ width: 40, height: 30, rgb: new Uint8Array(3600).fill(90) }));
const VISIT: Notification = {
  event: "visit",
  key: "0123456789abcdef0123456789abcdef",
  title: "Besuch: Haustür 🚪",
  text: "Küche, 14:03:11 — zwei\nZeilen",
  link: "https://gallery.example/?face=2026-11-24%2Fa.png",
  picture: { bytes, contentType: "image/png", width: 40, height: 30 },
  face: { id: "a".repeat(64), camera: "front", captured: "2026-11-24T00:49:58.226Z", isTimeTrusted: true },
};
const { picture: _, ...WITHOUT } = VISIT;

/** Sends one notification, and returns what arrived. */
async function sent(name: string, notification: Notification): Promise<Taken> {
  await using services = new PushServices();
  await SERVICES[name](services.url).send(notification, { signal });
  assert.equal(services.taken.length, 1);
  return services.taken[0];
}

for (const [name, open] of Object.entries(SERVICES)) {
  Deno.test(`${name}: title, text, link and picture arrive whole`, async () => {
    const taken = await sent(name, VISIT);
    const said = [taken.title, taken.text].join("\n");
    assert.ok(said.includes(VISIT.title) && said.includes(VISIT.text), said);
    assert.ok(
      JSON.stringify(taken).includes(JSON.stringify(VISIT.link).slice(1, -1)) || name.startsWith("webhook"),
    );
    assert.deepEqual(taken.picture, WITHOUT_PICTURE.includes(name) ? undefined : bytes);
  });

  Deno.test(`${name}: a notification without a picture arrives`, async () => {
    const taken = await sent(name, WITHOUT);
    assert.ok([taken.title, taken.text].join("\n").includes(VISIT.text));
    assert.equal(taken.picture, undefined);
  });

  Deno.test(`${name}: texts beyond its limits are cut, not rejected`, async () => {
    const long = { title: "ü".repeat(3_000), text: "€🚪".repeat(5_000) };
    const isCut = !["gotify", "webhook (json)", "webhook (multipart)"].includes(name);
    for (const notification of [{ ...VISIT, ...long }, { ...WITHOUT, ...long }]) {
      const { title = "", text } = await sent(name, notification);
      assert.ok(text.startsWith(name === "telegram" ? "ü" : "€🚪") && title.length <= 3_000);
      assert.equal(text.endsWith("…"), isCut);
      assert.ok(!text.includes("\ufffd"), "no letter is cut in two");
    }
  });

  Deno.test(`${name}: a wrong secret is an error to retry, with a hint, and no message shows a secret`, async () => {
    await using services = new PushServices();
    const error = await open(services.url, "wrongzq1geheim9vx").send(VISIT, { signal }).catch((error) =>
      error
    );
    assert.ok(error instanceof ServiceError, String(error));
    assert.ok(error.options.hint, error.message);
    assert.doesNotMatch(error.message, /geheim/);
  });

  Deno.test(`${name}: status 429 and 503 are errors to retry, after what Retry-After says`, async () => {
    await using services = new PushServices();
    for (const status of [429, 503]) {
      services.nextAnswers.push(() => new Response("{}", { status, headers: { "Retry-After": "17" } }));
      const error = await open(services.url).send(VISIT, { signal }).catch((error) => error);
      assert.ok(error instanceof ServiceError, String(error));
      assert.equal(error.options.retryAfterMs, 17_000);
    }
  });

  Deno.test(`${name}: a message that it cannot take is rejected, not retried`, async () => {
    await using services = new PushServices();
    services.nextAnswers.push(() => Response.json({ error: "no such thing" }, { status: 400 }));
    const error = await open(services.url).send(VISIT, { signal }).catch((error) => error);
    assert.ok(error instanceof RejectedMessageError, String(error));
  });

  Deno.test(`${name}: a service that is away, redirects or answers without end is an error to retry`, async () => {
    const services = new PushServices();
    const { url } = services;
    services.nextAnswers.push(
      () =>
        new Response(null, { status: 302, headers: { Location: "https://elsewhere.example/zq1geheim9vx" } }),
      () => new Response(endless(), { status: 500 }),
    );
    const reasons = [];
    for (let attempt = 0; attempt < 2; attempt++) reasons.push(await reasonOf(open(url)));
    await services[Symbol.asyncDispose]();
    reasons.push(await reasonOf(open(url)));
    assert.match(reasons[0], /redirects/);
    assert.match(reasons[1], /status 500/);
    assert.match(reasons[2], /refused/i);
    for (const reason of reasons) assert.doesNotMatch(reason, /geheim|my-topic|\/hook|\/bot/);
  });
}

for (const name of ["ntfy", "telegram", "gotify", "pushover"]) {
  Deno.test(`${name}: another server that answers 200 has sent nothing: an error to retry`, async () => {
    await using services = new PushServices();
    services.nextAnswers.push(
      () => new Response("<html>Log in to this network</html>"),
      () => Response.json({ ok: false, status: 0 }),
      () => Response.json([]),
      () => new Response(endless()),
    );
    for (let attempt = 0; attempt < 4; attempt++) {
      assert.match(await reasonOf(SERVICES[name](services.url)), /another server than/);
    }
  });

  Deno.test(`${name}: an empty text is replaced by the title, since services refuse it or show their own`, async () => {
    for (const notification of [VISIT, WITHOUT]) {
      assert.equal((await sent(name, { ...notification, text: " " })).text.split("\n")[0], VISIT.title);
      assert.equal((await sent(name, { ...notification, title: "", text: "" })).text.split("\n")[0], "Visit");
    }
  });
}

Deno.test("what a service says is in the error, in whichever form it says it", async () => {
  await using services = new PushServices();
  const answers: [string, unknown, number, string][] = [
    ["webhook (json)", { errors: [{ title: "no such door" }] }, 400, 'status 400: {"title":"no such door"}'],
    ["webhook (json)", { errors: ["no door", "no key"] }, 400, "status 400: no door, no key"],
    ["webhook (json)", { error: { door: 1 } }, 400, "status 400"],
    ["telegram", { ok: false, parameters: { retry_after: 3 } }, 429, "status 429"],
    ["telegram", { description: "Too Many", parameters: { retry_after: 3 } }, 429, "status 429: Too Many"],
  ];
  for (const [name, answer, status, reason] of answers) {
    services.nextAnswers.push(() => Response.json(answer, { status }));
    const error = await SERVICES[name](services.url).send(VISIT, { signal }).catch((error) => error);
    assert.equal(error.message, reason);
  }
});

Deno.test("pushover: a failed request is repeated after 5 s at the soonest, one that it refuses after an hour", async () => {
  await using services = new PushServices();
  const retriedAfter = async (answer: Response): Promise<number | undefined> => {
    services.nextAnswers.push(() => answer);
    const error = await SERVICES.pushover(services.url).send(VISIT, { signal }).catch((error) => error);
    assert.ok(error instanceof ServiceError, String(error));
    return error.options.retryAfterMs;
  };
  assert.equal(await retriedAfter(new Response("", { status: 502 })), 5_000);
  const seconds = { headers: { "Retry-After": "1" }, status: 503 };
  assert.equal(await retriedAfter(new Response("", seconds)), 5_000);
  const refused = { token: "invalid", errors: ["application token is invalid"], status: 0 };
  assert.equal(await retriedAfter(Response.json(refused, { status: 400 })), 3_600_000);
  assert.equal(await retriedAfter(Response.json({ status: 0 }, { status: 429 })), 3_600_000);
});

async function reasonOf(service: Service): Promise<string> {
  const error = await service.send(VISIT, { signal }).catch((error) => error);
  assert.ok(error instanceof ServiceError, String(error));
  return error.message;
}

/** A body that ends only when its reader goes. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(16_384).fill(120)) });
}

Deno.test("a request that takes too long ends, and so does one of a program that stops", async () => {
  await using services = new PushServices();
  const never = Promise.withResolvers<Response>();
  services.nextAnswers.push(() => never.promise, () => never.promise);
  const to = (poster: Poster) => openNtfy(poster, { url: new URL(`${services.url}/t`), address });
  const slow = await to(new Poster({ timeoutMs: 50 })).send(VISIT, { signal }).catch((error) => error);
  assert.match(slow.message, /no answer within 0.05 s/);
  const stopped = to(poster).send(VISIT, { signal: AbortSignal.timeout(50) }).catch((error) => error);
  assert.ok(await stopped instanceof ServiceError);
  never.resolve(new Response());
});
