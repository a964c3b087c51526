/** The settings of the services that carry notifications, and the services that they describe. */
import { ConfigError } from "../errors.ts";
import { checkCommand, COMMAND, COMMAND_ENVIRONMENT, openCommand } from "../notify/command.ts";
import { openGotify } from "../notify/gotify.ts";
import { Poster } from "../notify/http_post.ts";
import type { Service } from "../notify/notification.ts";
import { openNtfy } from "../notify/ntfy.ts";
import { openPushover } from "../notify/pushover.ts";
import { openTelegram } from "../notify/telegram.ts";
import { openWebhook } from "../notify/webhook.ts";
import { ENCODE_HINT, safeAddress, safeParts } from "../safe_address.ts";
import { choice, flag, grouped, text, type Values } from "../settings/declare.ts";
import { readPemFiles } from "./pem_files.ts";

const secret = (help: string) => text({ help, secret: true });

/** One setting for each service, and the secret that belongs to it. */
export const SERVICE_SETTINGS = grouped("services", {
  ntfy: text({
    help: "address of an ntfy topic, such as https://ntfy.sh/my-topic",
    details: "The name of a public topic is its only protection. The address can hold USER:PASSWORD@.",
    placeholder: "URL",
    address: true,
    check: wrongTopicAddress,
  }),
  ntfyToken: secret("access token for ntfy"),
  telegram: text({
    help: "chat for the messages of a Telegram bot: its number, or @name of a channel",
    placeholder: "CHAT",
    check: (given) =>
      /^-?\d{1,20}$|^@\w{1,64}$/.test(given) ? undefined : "should be a number such as 123456789, or @name",
  }),
  telegramToken: secret("token of the Telegram bot"),
  telegramApi: serviceAddress("address of Telegram's Bot API", "https://api.telegram.org"),
  gotify: text({
    help: "address of a Gotify server",
    placeholder: "URL",
    address: true,
    check: wrongServiceAddress,
  }),
  gotifyToken: secret("token of the application in Gotify"),
  pushover: text({
    help: "key of a user or group of Pushover",
    placeholder: "KEY",
    check: (given) => /^\w{30}$/.test(given) ? undefined : "should be 30 letters and digits",
  }),
  pushoverToken: secret("token of the application in Pushover"),
  pushoverApi: serviceAddress("address of Pushover's API", "https://api.pushover.net"),
  webhook: text({
    help: "address of a webhook, which gets each notification by POST",
    details: "The address can hold USER:PASSWORD@.",
    placeholder: "URL",
    address: true,
    check: wrongServiceAddress,
  }),
  webhookBody: choice(["json", "multipart"], {
    help: "body for the webhook: JSON alone, or a form with JSON and picture",
    fallback: "json",
  }),
  webhookSecret: secret("key of the webhook's signature (HMAC-SHA256) in X-Haarlem-Signature"),
  command: flag({
    help: `run ${COMMAND} for each notification; JSON and picture on standard input`,
    details:
      "The program must be on PATH. It gets a line of JSON, then the picture. The notifier can start no other program.",
  }),
  servicesCa: text({
    help: "additional certificate authority (PEM) for services of your own",
    placeholder: "FILE",
  }),
});

export type ServiceSettings = Values<typeof SERVICE_SETTINGS>;

/** Opens the services that the settings name. Throws a ConfigError when there is none, or one lacks its secret. */
export function openServices(settings: ServiceSettings): Service[] {
  const { ca } = readPemFiles({ caSetting: "services-ca", ca: settings.servicesCa });
  const client = ca === undefined ? undefined : Deno.createHttpClient({ caCerts: [ca] });
  const services = namedServices(settings, new Poster({ client }));
  if (settings.command) {
    const env = environment(COMMAND_ENVIRONMENT);
    checkCommand(env.PATH);
    services.push(openCommand(env));
  }
  if (services.length > 0) return services;
  throw new ConfigError(
    "no service is set, so there is nothing to send to",
    "set --ntfy, --telegram, --gotify, --pushover, --webhook or --command",
  );
}

/** The variables of these names that are set. */
function environment(names: readonly string[]): Record<string, string> {
  const pairs = names.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function namedServices(settings: ServiceSettings, poster: Poster): Service[] {
  const { ntfy, ntfyToken, telegram, gotify, pushover, webhook, webhookBody: body, webhookSecret } = settings;
  const services: Service[] = [];
  if (ntfy !== undefined) {
    if (ntfyToken !== undefined) checkCharacters("ntfy", ntfyToken);
    services.push(openNtfy(poster, { url: new URL(ntfy), address: safeAddress(ntfy), token: ntfyToken }));
  }
  if (telegram !== undefined) {
    const token = required("telegram", settings.telegramToken);
    if (!/^[\w:-]+$/.test(token)) throw wrongSecret("telegram", 'letters, digits, "_", "-" and ":"');
    const api = settings.telegramApi;
    services.push(
      openTelegram(poster, { api: new URL(api), address: safeAddress(api), chat: telegram, token }),
    );
  }
  if (gotify !== undefined) {
    const token = required("gotify", settings.gotifyToken);
    services.push(openGotify(poster, { url: new URL(gotify), address: safeAddress(gotify), token }));
  }
  if (pushover !== undefined) {
    const token = required("pushover", settings.pushoverToken);
    const api = settings.pushoverApi;
    services.push(
      openPushover(poster, { api: new URL(api), address: safeAddress(api), user: pushover, token }),
    );
  }
  if (webhook !== undefined) {
    const address = safeAddress(webhook);
    services.push(openWebhook(poster, { url: new URL(webhook), address, body, secret: webhookSecret }));
  }
  return services;
}

function required(name: string, token: string | undefined): string {
  if (token === undefined || token === "") {
    throw new ConfigError(
      `--${name} is set, and its token is not`,
      `set HAARLEM_${name.toUpperCase()}_TOKEN, or ${name}-token in the settings file`,
    );
  }
  checkCharacters(name, token);
  return token;
}

/** A header cannot hold other characters; fetch would fail at the first message, and show them. */
function checkCharacters(name: string, token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token)) throw wrongSecret(name);
}

function wrongSecret(name: string, should = "ASCII characters without spaces"): ConfigError {
  return new ConfigError(
    `HAARLEM_${name.toUpperCase()}_TOKEN has a wrong value (not shown): should be ${should}`,
    "set it to the text that the service shows",
  );
}

function serviceAddress(help: string, fallback: string) {
  return text({ help, placeholder: "URL", fallback, address: true, check: wrongServiceAddress });
}

function wrongServiceAddress(given: string): string | undefined {
  const parts = URL.canParse(given) ? safeParts(given) : undefined;
  if (!parts || !/^https?$/.test(parts.scheme) || parts.isDoubtful) {
    const form = "should be http://HOST[:PORT]/… or https://";
    return /^https?:\/\//i.test(given) ? `${form}; ${ENCODE_HINT}` : form;
  }
  const { username, password } = new URL(given);
  try {
    decodeURIComponent(username + password);
  } catch {
    return "holds a % that encodes no character: it should be %25";
  }
}

function wrongTopicAddress(given: string): string | undefined {
  const wrong = wrongServiceAddress(given);
  if (wrong) return wrong;
  const { pathname, search } = new URL(given);
  return /^\/[\w-]{1,64}$/.test(pathname) && search === ""
    ? undefined
    : "should end with the name of one topic: 1 to 64 letters, digits, _ or -";
}
