/** The settings of notifications, and the parts of a notifier that they describe. */
import { delay } from "../async/delay.ts";
import { sinceMinutes } from "../async/outage.ts";
import { ConfigError } from "../errors.ts";
import { KeyTemplate } from "../face/object_key.ts";
import type { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { Composer, noticeFields } from "../notify/composer.ts";
import { CLOCKS } from "../notify/face_ages.ts";
import { HourlyLimit } from "../notify/hourly_limit.ts";
import { LocalTime } from "../notify/local_time.ts";
import type { Service, ServiceName } from "../notify/notification.ts";
import { Notices } from "../notify/notices.ts";
import { NoticeState } from "../notify/notice_state.ts";
import { isQuiet, parseQuietHours } from "../notify/quiet_hours.ts";
import { parseRoutes, type Routes } from "../notify/routes.ts";
import { Sender } from "../notify/sender.ts";
import { grouped, number, onOff, type Setting, text, type Values } from "../settings/declare.ts";
import { ComponentOutage } from "./component_outage.ts";
import { NOTICE_METRICS } from "./notice_metrics.ts";
import { openServices, SERVICE_SETTINGS } from "./notify_services.ts";
import { objectKey } from "./object_key.ts";

const routes: Setting<Routes> = {
  help: "services of each camera; without it, every service gets every visit",
  details: "Separate routes by spaces. * is every camera without a route of its own; none is no service.",
  placeholder: "CAMERA=SERVICE,... ...",
  fallback: "",
  parse: parseRoutes,
};

const quiet: Setting<ReturnType<typeof parseQuietHours> | undefined> = {
  help: "hours without messages; a summary follows at their end",
  placeholder: "HH:MM-HH:MM",
  parse: parseQuietHours,
};

const DETAILS = `Fields: ${noticeFields()}.`;

export const NOTICE_SETTINGS = {
  ...SERVICE_SETTINGS,
  ...grouped("messages", {
    routes,
    quiet,
    timeZone: text({
      help: "time zone of --quiet and of times in messages; without it, that of the system",
      placeholder: "ZONE",
    }),
    perHour: number({
      help: "maximum number of messages per hour and service; the rest is one summary",
      min: 1,
      max: 1000,
      fallback: "30",
    }),
    maxAge: number({
      help: "summarise visits that cannot be sent within this time after their capture",
      min: 1,
      max: 1440,
      unit: "minutes",
      fallback: "10",
    }),
    summaryAfter: number({
      help: "send a summary when no visit was added to it for this long",
      min: 1,
      max: 3600,
      unit: "seconds",
      fallback: "30",
    }),
    pictures: onOff({
      help: "send the picture of the face, where the service takes one",
      details: "off: the services get texts only, and no updates.",
      fallback: "on",
    }),
    noticeTitle: text({
      help: "title of a visit",
      details: DETAILS,
      placeholder: "TEMPLATE",
      fallback: "Visit: {camera}",
    }),
    noticeText: text({
      help: "text of a visit",
      details: DETAILS,
      placeholder: "TEMPLATE",
      fallback: "{device}, {time}",
    }),
    noticeLink: text({
      help: "address that a click on a message opens",
      details: `${DETAILS} Each value is encoded.`,
      placeholder: "TEMPLATE",
      check: (given) => /^https?:\/\//.test(given) ? undefined : "should begin with http:// or https://",
    }),
  }),
  key: objectKey({ help: "template of the saver's object keys, for the field {key}" }),
  ...grouped("storage", {
    state: text({
      help: "folder of the list of sent messages, so that a restart repeats none",
      details: "Without it: the state folder of the service; without that, the list is in memory only.",
      placeholder: "DIR",
    }),
  }),
};

/** What has changed is written at this interval at the latest. */
const SAVE_MS = 10_000;

type Context = { readonly signal: AbortSignal; readonly log: Log; readonly health: Health };

/** Opens the services, the state and the senders. Throws a ConfigError for wrong settings. */
export async function openNotifying(settings: Values<typeof NOTICE_SETTINGS>, context: Context) {
  const { signal, log, health } = context;
  const services = openServices(settings);
  checkRoutes(settings.routes, services);
  const time = new LocalTime(settings.timeZone);
  const { noticeTitle: title, noticeText: words, noticeLink: link, key, routes, pictures } = settings;
  const composer = new Composer({ title, text: words, ...(link && { link }) }, time);
  const senders = new Map<ServiceName, Sender>();
  const opened: { notices?: Notices } = {};
  // Before the components: their first state is reported with them.
  const count = countNotices(health, senders, opened);
  const state = await openState(settings.state, context);
  for (const service of services) {
    senders.set(service.name, openSender(service, { settings, composer, time, state, count }, context));
  }
  for (const [name, facts] of state.waited) senders.get(name)?.summarise(facts);
  state.waiting = () => Object.fromEntries(Array.from(senders, ([name, { waiting }]) => [name, waiting]));
  const notices = opened.notices = new Notices({
    clocks: CLOCKS,
    pictures,
    template: new KeyTemplate(key),
    routes,
    state,
    senders,
  });
  const saving = async () => {
    while (!signal.aborted) {
      await delay(SAVE_MS, { signal });
      await state.saveChanges();
    }
  };
  return {
    notices,
    /** Call it for a message that was dropped. */
    missed(): void {
      count.missed.add();
      if (count.missed.total > 1) return;
      log.warn(
        "too many messages wait; some are dropped, and their visits may be missing from the notifications",
      );
    },
    /** Sends until the signal is aborted, then writes what waits. */
    async run(): Promise<void> {
      await Promise.all([saving(), ...Array.from(senders.values(), (sender) => sender.run())]);
      await state.save();
      log.info("done", health.done);
    },
  };
}

function countNotices(
  { metrics }: Health,
  senders: ReadonlyMap<ServiceName, Sender>,
  opened: { readonly notices?: Notices },
) {
  return metrics.add(NOTICE_METRICS, {
    unstored: () => opened.notices?.unstored ?? 0,
    waiting: () => [...senders.values()].reduce((sum, { waiting }) => sum + waiting.visits, 0),
  });
}

interface Shared {
  readonly settings: Values<typeof NOTICE_SETTINGS>;
  readonly composer: Composer;
  readonly time: LocalTime;
  readonly state: NoticeState;
  readonly count: ReturnType<typeof countNotices>;
}

function openSender(
  service: Service,
  { settings, composer, time, state, count }: Shared,
  { signal, log, health }: Context,
): Sender {
  const { name, address } = service;
  const at = { service: name, address };
  let hint: string | undefined;
  const outage = new ComponentOutage(health.component(name), {
    down: (reason, lastedMs) => {
      const advice = hint === undefined ? "" : `. Try: ${hint}`;
      log.warn(`cannot send: ${reason}; retrying${advice}`, { ...at, ...sinceMinutes(lastedMs) });
    },
    up: () => log.info("sends again", at),
  });
  outage.worked(); // Nothing is known before the first message.
  const { quiet } = settings;
  return new Sender(service, {
    composer,
    maxAgeMs: settings.maxAge * 60_000,
    summaryAfterMs: settings.summaryAfter * 1000,
    limit: new HourlyLimit(settings.perHour),
    isQuiet: () => quiet !== undefined && isQuiet(quiet, time.minute(Date.now())),
    nowMs: CLOCKS.monotonicMs,
    delay,
    save: () => state.save(),
    referenceOf: (visitKey) => state.visits.get(visitKey)?.[name],
    onSent: ({ event, key }, reference) => {
      count.sent.add(event);
      state.sent(key, name, reference);
      log.debug(`sent: ${event}`, at);
    },
    onOutage: (reason, advice) => {
      hint = advice;
      outage.changed(reason);
    },
    onRejected: (reason) => {
      count.rejected.add();
      log.warn(`a message was rejected: ${reason}`, at);
    },
    signal,
  });
}

function openState(state: string | undefined, { log, health }: Context): Promise<NoticeState> {
  const folder = state ?? Deno.env.get("STATE_DIRECTORY");
  if (!folder) return NoticeState.open({ onDisk: () => {} });
  const outage = new ComponentOutage(health.component("disk"), {
    down: (reason, lastedMs) => {
      log.warn(`cannot remember what was sent: ${reason}`, { folder, ...sinceMinutes(lastedMs) });
    },
    up: () => log.info("what was sent is remembered again", { folder }),
  });
  outage.worked();
  return NoticeState.open({ folder, onDisk: outage.changed });
}

function checkRoutes(routes: Routes, services: readonly Service[]): void {
  const set = new Set(services.map(({ name }) => name));
  const missing = [...routes.values()].flat().find((name) => !set.has(name));
  if (missing === undefined) return;
  throw new ConfigError(
    `--routes names "${missing}", which is not set`,
    `set --${missing}, or remove it from --routes`,
  );
}
