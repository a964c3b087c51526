/**
 * gallery: from a store to a web page, the newest faces first and new ones as they arrive. It only reads, unless
 * `--allow delete` is given. It listens on loopback by default; on any other address it requires a token.
 */
import { delay } from "../lib/async/delay.ts";
import { ConfigError } from "../lib/errors.ts";
import { readPageFiles } from "../lib/gallery/page_files.ts";
import { plain } from "../lib/web/responses.ts";
import { route } from "../lib/gallery/routes.ts";
import { listenOn } from "../lib/http_listen.ts";
import { program, start } from "../lib/program/program.ts";
import { grouped, number } from "../lib/settings/declare.ts";
import {
  checkGalleryAccess,
  GALLERY_ACCESS_SETTINGS,
  giveUpWriting,
  openDeletion,
  openGalleryAccess,
  readPageCertificate,
} from "../lib/wiring/gallery_access.ts";
import { BUS_METRICS } from "../lib/wiring/bus.ts";
import { CAMERA_LIST_SETTINGS, openCameraList } from "../lib/wiring/gallery_cameras.ts";
import { cacheFolder, GALLERY_CACHE_SETTINGS, openGalleryCache } from "../lib/wiring/gallery_cache.ts";
import { openGalleryData } from "../lib/wiring/gallery_data.ts";
import { announcePage } from "../lib/wiring/page_access.ts";
import { addGalleryMetrics, GALLERY_METRICS } from "../lib/wiring/gallery_metrics.ts";
import { openRenewals } from "../lib/wiring/renewed_certificate.ts";
import { openStoreHealth, openStoreOf, STORE_SETTINGS } from "../lib/wiring/store.ts";

/** Interval of the checks whether the store answers, and whether the certificate was renewed. */
const STORE_CHECK_MS = 5_000;

const SETTINGS = {
  ...STORE_SETTINGS,
  ...GALLERY_ACCESS_SETTINGS,
  ...CAMERA_LIST_SETTINGS,
  ...GALLERY_CACHE_SETTINGS,
  ...grouped("page", {
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
  metrics: [GALLERY_METRICS, BUS_METRICS],
  examples: ["--store ./faces", "--store s3://my-bucket/faces --listen 127.0.0.1:8090"],

  async run(settings, { signal, log, health, reportsToSystemd }) {
    const { listen, allow, poll } = settings;
    checkGalleryAccess(settings);
    const folder = cacheFolder(settings);
    await giveUpWriting(settings, folder, { reportsToSystemd });
    const tls = readPageCertificate(settings);
    const { tlsCert: certFile, tlsKey: keyFile } = settings;
    const renewals = openRenewals({ certFile, keyFile, read: () => readPageCertificate(settings), log });
    const page = health.component("page");
    const opened = openStoreOf(settings, {
      mayDelete: allow === "delete",
      onUnreadable: (folder, reason) => log.warn("skipped a folder that cannot be read", { folder, reason }),
    });
    const { store, deletion } = openDeletion(opened, settings, log);
    const storeHealth = openStoreHealth(store, { log, component: health.component("store") });
    const check = () => store.fewNames({ signal });
    const cache = openGalleryCache(settings, { log, folder });
    const data = openGalleryData(store, {
      cache,
      health: storeHealth,
      log,
      pollMs: poll * 1000,
      signal,
    });
    await using cameras = await openCameraList(settings, {
      log,
      health,
      onChange: (list) => data.feed.send("cameras", list),
      onBroker: (link) => data.feed.send("broker", link),
    });
    const parts = {
      store,
      deletion,
      cameras,
      ...data,
      health: storeHealth,
      access: openGalleryAccess(settings, log),
      log: log.info.bind(log),
      files: readPageFiles(),
      signal,
    };
    const counted = addGalleryMetrics(health, data.feed);
    const respond = async (request: Request, from: string) => counted(await route(request, from, parts));
    const server = listenOn(listen, respond, {
      flag: "--listen",
      tls,
      onError: (error) => {
        log.error(`cannot respond: ${error instanceof Error ? error.stack : error}`);
        return counted(plain("internal error; see the log", 500));
      },
    });
    try {
      // Wrong settings end the program, which reports them; a store that does not answer is checked again.
      const isFailure = (error: unknown) => !(error instanceof ConfigError);
      await storeHealth.during(check, { signal, isFailure }).catch((error) => {
        if (!isFailure(error)) throw error;
      });
      announcePage(server.url, listen, { name: "gallery", log, cert: tls?.cert });
      page.started();
      page.ok();
      while (!signal.aborted) {
        await storeHealth.failure(check, { signal });
        const renewed = renewals?.take();
        if (renewed) await server.renew(renewed);
        await delay(STORE_CHECK_MS, { signal });
      }
    } finally {
      // The event stream of an open page does not end by itself, and the server waits for it.
      data.feed.close();
      await server.close();
      await cache.index?.close();
    }
  },
});

if (import.meta.main) await start(gallery);
