/** The programs of the demo with their settings: one saver, forwarder and gallery, and a detector for each camera. */
import { join } from "node:path";
import { openBrowser } from "./browser.ts";
import { CameraWatch } from "./camera_watch.ts";
import type { Programs } from "./programs.ts";
import type { Show } from "./show.ts";

/** The cameras of the sample. */
const SCENES = ["front", "yard"];
export const MAX_CAMERAS = SCENES.length;
/** Shorter than the default, so that faces arrive soon after the cloud is back; seconds. */
const RETRY_S = "2";
/** Shorter than the default, so that the forwarder connects as soon as the cloud is back; seconds. */
const RECONNECT_S = "1";

/** The addresses that the programs get. */
interface Addresses {
  readonly edge: string;
  readonly cloud: string;
  /** The way from the edge to the cloud. */
  readonly link: string;
  readonly gallery: string;
  readonly store: string;
  /** The token of all pages. */
  readonly token?: string;
}

/**
 * What the demo counts on, whatever the environment says: a detector publishes its faces to the demo's broker, and keeps
 * each until its receipt.
 */
const KEPT = ["--receipts", "on", "--qos", "1"];
const PUBLISHED = { HAARLEM_OUT: "", HAARLEM_DETECTOR_OUT: "" };

/** One detector and its camera. */
export interface DemoCamera {
  readonly watch: CameraWatch;
  readonly source: string;
  /** Flags of its detector. */
  readonly args: readonly string[];
}

/** The cameras of a source: the sample has two. @param pages the addresses of their aiming pages. */
export function openCameras(source: string, pages: readonly string[]): DemoCamera[] {
  if (source !== "sample") {
    return [{ watch: new CameraWatch("camera"), source, args: ["--preview", pages[0]] }];
  }
  return SCENES.map((name, at) => ({
    watch: new CameraWatch(name),
    source: `sample:${name}`,
    args: ["--preview", pages[at], "--camera", name],
  }));
}

/** Starts all programs, and reports their pages. */
export function launchAll(
  programs: Programs,
  { edge, cloud, link, gallery, store, token }: Addresses,
  { cameras, folder, show, browser }: {
    readonly cameras: readonly DemoCamera[];
    readonly folder: string;
    readonly show: Show;
    /** The program that opens a page; absent where none is to be opened. */
    readonly browser?: string;
  },
): void {
  // A secret must not be in a flag.
  const access: Record<string, string> = token === undefined ? {} : { HAARLEM_TOKEN: token };
  programs.launch("saver", ["--broker", cloud, "--store", store, "--qos", "1"]);
  programs.launch("forwarder", ["--edge", edge, "--cloud", link, "--qos", "1", "--reconnect", RECONNECT_S], {
    onInfo: (text) => {
      if (text.startsWith("connected to the cloud")) show.recovered("forwarder");
    },
  });
  for (const { watch, source, args } of cameras) {
    const state = join(folder, watch.name);
    programs.launch("detector", ["--broker", edge, "--state", state, "--retry", RETRY_S, ...KEPT, ...args], {
      // The source may hold a password, which must not be in a flag.
      env: { ...access, ...PUBLISHED, HAARLEM_HEALTH: "127.0.0.1:0", HAARLEM_DETECTOR_SOURCE: source },
      onInfo: (text) => {
        watch.url ??= /^health at (\S+)healthz$/.exec(text)?.[1].concat("readyz");
        const [, page] = /^aiming page of \S+ at (\S+)/.exec(text) ?? [];
        if (page === undefined) return;
        show.aimingPageOpened(watch.name, page);
        if (watch === cameras[0].watch) openBrowser(page, browser);
      },
    });
  }
  programs.launch("gallery", ["--store", store, "--listen", gallery, "--broker", cloud], {
    env: access,
    onInfo: (text) => {
      const [, url] = /^gallery at (\S+)/.exec(text) ?? [];
      if (url === undefined) return;
      show.galleryOpened(url);
      openBrowser(url, browser);
    },
  });
}
