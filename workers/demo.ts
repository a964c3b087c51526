/**
 * demo: the whole pipeline on this machine. Runs the real programs as child processes, two brokers inside this process
 * in place of the board's and the cloud's, and a folder as the store. It cuts the way to the cloud, to show what happens.
 */
import { delay } from "../lib/async/delay.ts";
import { either } from "../lib/async/either.ts";
import { every } from "../lib/async/every.ts";
import { Display } from "../lib/demo/display.ts";
import { startEmbeddedBroker } from "../lib/demo/embedded_broker.ts";
import { hasKeyboard, Keys } from "../lib/demo/keys.ts";
import { makeFolder, writableFolder } from "../lib/demo/make_folder.ts";
import { PageAddresses } from "../lib/demo/page_address.ts";
import { launchAll, MAX_CAMERAS, openCameras } from "../lib/demo/pipeline.ts";
import { Programs } from "../lib/demo/programs.ts";
import { Show } from "../lib/demo/show.ts";
import { parseListenAddress } from "../lib/http_listen.ts";
import { quoted, wrongFolder, wrongSource } from "../lib/safe_address.ts";
import { grouped, onOff, text } from "../lib/settings/declare.ts";
import {
  desktopBrowser,
  hasGalleryToken,
  onTerminalClosed,
  outputScreen,
  writeOutput,
} from "../lib/wiring/demo_terminal.ts";
import { checkPageAddress, PAGE_TOKEN } from "../lib/wiring/page_token.ts";
import { program, start } from "../lib/program/program.ts";

const TICK_MS = 200;
const ASK_MS = 1_000;
/** At the end, the faces that wait are given this long to arrive: on a busy machine all programs are slow to retry. */
const LAST_FACES_MS = 15_000;
const KEYS = "c cut the cloud · b bring it back · q quit";

const SETTINGS = {
  ...grouped("camera", {
    source: text({
      help: "camera, URL, clip, pictures, or sample: two cameras, two people walk past",
      placeholder: "SOURCE",
      fallback: "sample",
      check: wrongSource,
    }),
  }),
  ...grouped("storage", {
    store: text({
      help: "folder of the faces",
      placeholder: "DIR",
      fallback: "haarlem-faces",
      check: wrongFolder,
    }),
  }),
  ...grouped("page", {
    listen: text({
      help: "address of the gallery; without it, the first free port from 8080",
      placeholder: "HOST:PORT",
      check: wrongAddress,
    }),
    token: PAGE_TOKEN,
    open: onOff({
      help: "open the gallery and an aiming page in the browser of this desktop",
      details: "Only from a terminal, and not in a session of ssh.",
      fallback: "on",
    }),
  }),
};

/** The text of an address is passed on; the gallery parses it again. */
function wrongAddress(given: string): string | undefined {
  try {
    parseListenAddress(given);
  } catch (error) {
    return (error as Error).message;
  }
}

export const demo = program({
  name: "demo",
  settings: SETTINGS,
  basics: ["source", "store", "listen"],
  examples: ["", "--source /dev/video0"],

  async run({ source, store, listen, token, open }, { signal, health, print }) {
    if (listen !== undefined && !hasGalleryToken()) {
      const flag = "--listen 127.0.0.1:8080";
      checkPageAddress(parseListenAddress(listen), { token }, { what: "the faces", flag });
    }
    const component = health.component("programs");
    // The gallery may read the folder before the saver has made it.
    await makeFolder(`the folder ${quoted(store)}`, "--store", () => writableFolder(store));
    const quit = new AbortController();
    const end = either(signal, quit.signal);
    const screen = outputScreen();
    onTerminalClosed(screen, () => quit.abort());
    const display = new Display({ screen, write: writeOutput, print });
    const hasKeys = screen !== undefined && await hasKeyboard();
    await using edge = await startEmbeddedBroker({ onMessage: (...message) => show.onMessage(...message) });
    await using cloud = await startEmbeddedBroker();
    const link = cloud.openLink();
    using pages = new PageAddresses(1 + MAX_CAMERAS, { except: listen });
    const [freePage, ...aimingPages] = pages.addresses;
    const cameras = openCameras(source, aimingPages);
    const show = new Show(link, {
      display,
      cameras: cameras.map(({ watch }) => watch),
      keys: hasKeys ? KEYS : "Ctrl-C quits",
      cutsByItself: source.startsWith("sample"),
    });
    using _keys = hasKeys ? new Keys((key) => onKey(key, show, quit)) : undefined;
    const gallery = listen ?? freePage;
    const browser = open ? desktopBrowser(screen) : undefined;
    const addresses = { edge: edge.url, cloud: cloud.url, link: link.url, gallery, store, token };
    display.introduce(store);
    {
      const folder = await makeFolder("a temporary folder", "TMPDIR", temporaryFolder);
      await using programs = new Programs({ folder, onWarning: (name, text) => show.warn(name, text) });
      if (!end.aborted) launchAll(programs, addresses, { cameras, folder, show, browser });
      component.started();
      component.ok();
      using _ = every(TICK_MS, () => show.tick());
      using asking = every(ASK_MS, () => cameras.forEach(({ watch }) => void watch.ask()));
      try {
        await programs.anyEnds({ signal: end });
        asking[Symbol.dispose](); // A detector that stops is no camera in trouble.
        await lastFaces(programs, show, quit.signal.aborted ? signal : undefined);
      } finally {
        display.end();
      }
    }
    display.conclude(show.summary(store), { isGood: show.deliveries.waiting() === 0 });
  },
});

function onKey(key: string, { cut }: Show, quit: AbortController): void {
  if (key === "c") cut.cut();
  if (key === "b") cut.mend();
  if (key === "q") quit.abort();
}

/**
 * Mends the link, waits until no face waits, and stops the detectors, whose last faces are then stored too. Waits at most
 * 15 s each time, or until the signal is aborted.
 */
async function lastFaces(
  programs: Programs,
  show: Show,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const allStored = async () => {
    const untilMs = performance.now() + LAST_FACES_MS;
    while (show.deliveries.waiting() > 0 && performance.now() < untilMs && !signal.aborted) {
      await delay(TICK_MS, { signal });
    }
  };
  show.footer = "stopping …";
  show.cut.mend();
  await allStored(); // Only a running detector sends a face again.
  await programs.stop("detector");
  await allStored();
  show.footer = "stopped";
  show.tick();
}

/** Synchronous: no Ctrl-C comes between its creation and the code that removes it. */
async function temporaryFolder(): Promise<string> {
  return Deno.makeTempDirSync({ prefix: "haarlem-demo-" });
}

if (import.meta.main) await start(demo);
