/**
 * gallery: from a store to a web page, the newest faces first and new ones as they arrive. It only reads. It listens on
 * loopback by default; on any other address it requires a token.
 */
import { delay } from "../lib/async/delay.ts";
import { ConfigError } from "../lib/errors.ts";
import { Access } from "../lib/gallery/access.ts";
import { Album } from "../lib/gallery/album.ts";
import { LiveFeed } from "../lib/gallery/live_feed.ts";
import { readPageFiles } from "../lib/gallery/page_files.ts";
import { plain } from "../lib/gallery/responses.ts";
import { route } from "../lib/gallery/routes.ts";
import { wrongToken } from "../lib/gallery/token.ts";
import { isLoopback, listenOn, parseListenAddress } from "../lib/http_listen.ts";
import { program, start } from "../lib/program/program.ts";
import { grouped, number, text } from "../lib/settings/declare.ts";
import { addGalleryMetrics, GALLERY_METRICS } from "../lib/wiring/gallery_metrics.ts";
import { openStoreHealth, openStoreOf, STORE_SETTINGS } from "../lib/wiring/store.ts";

/** Interval of the checks whether the store answers. */
const STORE_CHECK_MS = 5_000;
const DAY_MS = 24 * 3600_000;

const SETTINGS = {
  ...STORE_SETTINGS,
  ...grouped("page", {
    listen: {
      help: "address of the page",
      details: "Port 0 selects a free port. Write an IPv6 address in brackets.",
      placeholder: "HOST:PORT",
      fallback: "127.0.0.1:8080",
      parse: parseListenAddress,
    },
    token: text({
      help: "access token; required unless the gallery listens on loopback",
      secret: true,
      check: wrongToken,
    }),
    session: number({
      help: "end a browser's session this long after its login",
      min: 0.01,
      max: 365,
      fraction: true,
      unit: "days",
      fallback: "30",
    }),
    pageSize: number({ help: "number of faces on a page", min: 1, max: 1000, fallback: "60" }),
    poll: number({
      help: "interval at which the store is read while a page is open",
      min: 0.1,
      max: 3600,
      fraction: true,
      unit: "seconds",
      fallback: "2",
    }),
  }),
};

export const gallery = program({
  name: "gallery",
  settings: SETTINGS,
  basics: ["store", "s3Endpoint", "s3Region", "listen", "token"],
  metrics: [GALLERY_METRICS],
  examples: ["--store ./faces", "--store s3://my-bucket/faces --listen 127.0.0.1:8090"],

  async run(settings, { signal, log, health }) {
    const { listen, token, session, pageSize, poll } = settings;
    if (!isLoopback(listen) && token === undefined) {
      throw new ConfigError(
        `refusing to listen on "${listen.host}" without a token: anyone who can reach it would see the faces`,
        "set HAARLEM_TOKEN=$(openssl rand -hex 16) in the environment, or --listen 127.0.0.1:8080",
      );
    }
    const page = health.component("page");
    const store = openStoreOf(settings, {
      onUnreadable: (folder, reason) => log.warn("skipped a folder that cannot be read", { folder, reason }),
    });
    const storeHealth = openStoreHealth(store, { log, component: health.component("store") });
    const check = () => store.fewNames({ signal });
    const album = new Album(store, {
      pageSize,
      freshMs: poll * 1000,
      onTooMany: (max) =>
        log.warn("too many objects whose keys do not begin with a day; some are not shown", { max }),
    });
    const feed = new LiveFeed(
      () => storeHealth.during(() => album.recent({ signal }), { signal }),
      { pollMs: poll * 1000 },
    );
    const parts = {
      store,
      album,
      feed,
      health: storeHealth,
      access: new Access(token, {
        sessionMs: session * DAY_MS,
        onWrongToken: ({ address, behind }, left) =>
          log.warn("a wrong token was sent", { from: address, behind, left }),
      }),
      files: readPageFiles(),
      signal,
    };
    const counted = addGalleryMetrics(health, feed);
    const respond = async (request: Request, from: string) => counted(await route(request, from, parts));
    const server = listenOn(listen, respond, {
      flag: "--listen",
      onError: (error) => {
        log.error(`cannot respond: ${error instanceof Error ? error.stack : error}`);
        return counted(plain("internal error; see the log", 500));
      },
    });
    try {
      await storeHealth.during(check, { signal }).catch((error) => {
        // Wrong settings end the program; a store that does not answer is checked again.
        if (error instanceof ConfigError) throw error;
      });
      log.info(`gallery at ${server.url}`);
      page.started();
      page.ok();
      while (!signal.aborted) {
        await storeHealth.failure(check, { signal });
        await delay(STORE_CHECK_MS, { signal });
      }
    } finally {
      // The event stream of an open page does not end by itself, and the server waits for it.
      feed.close();
      await server.close();
    }
  },
});

if (import.meta.main) await start(gallery);
