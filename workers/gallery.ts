/**
 * gallery: the faces of a store on a web page, newest first, new ones as they come. It only reads, listens on this
 * machine alone unless told otherwise, and then lets in only who has the token.
 */
import { ConfigError } from "../lib/errors.ts";
import { Album } from "../lib/gallery/album.ts";
import { Access, wrongToken } from "../lib/gallery/access.ts";
import { LiveFeed } from "../lib/gallery/live_feed.ts";
import { plain } from "../lib/gallery/responses.ts";
import { readPageFiles } from "../lib/gallery/page_files.ts";
import { route } from "../lib/gallery/routes.ts";
import { isLoopback, listenOn, parseListenAddress } from "../lib/http_listen.ts";
import { delay } from "../lib/async/delay.ts";
import { grouped, number, text } from "../lib/settings/declare.ts";
import { openStoreOf, storeSettings } from "../lib/wiring/store.ts";
import { watchedStore } from "../lib/wiring/watched_store.ts";
import { program, start } from "../lib/program/program.ts";

/** How often is thought about whether the store should be looked at while nobody watches. */
const STORE_LOOK_MS = 5_000;

const settings = {
  ...storeSettings,
  ...grouped("page", {
    listen: {
      help: "address of the page",
      details: "Port 0 takes any free port; an IPv6 address stands in brackets.",
      placeholder: "HOST:PORT",
      fallback: "127.0.0.1:8080",
      parse: parseListenAddress,
    },
    token: text({
      help: "access token; required unless the gallery listens on loopback",
      secret: true,
      check: wrongToken,
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
  settings,
  basics: ["store", "s3Endpoint", "s3Region", "listen", "token"],
  examples: ["--store ./faces", "--store s3://my-bucket/faces --listen 127.0.0.1:8090"],

  async run(settings, { signal, log, health }) {
    const { listen, token, pageSize, poll } = settings;
    if (!isLoopback(listen) && token === undefined) {
      throw new ConfigError(
        `whoever reaches "${listen.host}" would see the faces: a token is needed there`,
        "set HAARLEM_TOKEN=$(openssl rand -hex 16) in the environment, or --listen 127.0.0.1:8080",
      );
    }
    const page = health.component("page");
    const store = openStoreOf(settings, {
      onUnreadable: (folder, reason) =>
        log.warn("a folder cannot be read; it is passed over", { folder, reason }),
    });
    const storeHealth = watchedStore(store, { part: health.component("store"), log });
    const look = () => store.fewNames({ signal });
    const album = new Album(store, {
      pageSize,
      freshMs: poll * 1000,
      onTooMany: (max) =>
        log.warn("objects whose keys do not begin with a day: not all are looked at", { max }),
    });
    const feed = new LiveFeed(
      () => storeHealth.during(() => album.recent({ signal }), { signal }),
      poll * 1000,
    );
    const parts = {
      store,
      album,
      feed,
      health: storeHealth,
      door: new Access(token),
      files: readPageFiles(),
      signal,
    };
    const server = listenOn(listen, (request) => route(request, parts), {
      flag: "--listen",
      onError: (error) => {
        log.error(`cannot answer: ${error instanceof Error ? error.stack : error}`);
        return plain("this went wrong here; the log says more", 500);
      },
    });
    try {
      await storeHealth.during(look, { signal }).catch((error) => {
        // Settings that are wrong end the program; a store that is away for now does not.
        if (error instanceof ConfigError) throw error;
      });
      log.info(`gallery at ${server.url}`);
      page.started();
      page.ok();
      while (!signal.aborted) {
        await storeHealth.trouble(look, { signal });
        await delay(STORE_LOOK_MS, { signal });
      }
    } finally {
      // Pages that are open hold their stream for ever, and the server waits for it.
      feed.close();
      await server.close();
    }
  },
});

if (import.meta.main) await start(gallery);
