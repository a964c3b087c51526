/**
 * demo: the whole pipeline on this machine. Runs the real programs as child processes, two brokers inside this process
 * in place of the board's and the cloud's, and a folder as the store.
 */
import { join } from "node:path";
import { startEmbeddedBroker } from "../lib/demo/embedded_broker.ts";
import { type Child, type ChildOptions, startChild } from "../lib/demo/child.ts";
import { makeFolder } from "../lib/demo/make_folder.ts";
import { Progress } from "../lib/demo/progress.ts";
import { grouped, text } from "../lib/settings/declare.ts";
import { quoted, wrongFolder } from "../lib/safe_address.ts";
import { program, start } from "../lib/program/program.ts";
import { FatalError } from "../lib/errors.ts";

const SETTINGS = {
  ...grouped("camera", {
    source: text({
      help: "camera, URL, clip, pictures or sample, a portrait that crosses the frame",
      placeholder: "SOURCE",
      fallback: "sample",
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
      help: "address of the gallery",
      placeholder: "HOST:PORT",
      fallback: "127.0.0.1:8080",
    }),
  }),
};

export const demo = program({
  name: "demo",
  settings: SETTINGS,
  basics: ["source", "store", "listen"],
  examples: ["", "--source /dev/video0"],

  async run({ source, store, listen }, { signal, health, print }) {
    const programs = health.component("programs");
    // The gallery may read the folder before the saver has made it.
    await makeFolder(`the folder ${quoted(store)}`, "--store", () => Deno.mkdir(store, { recursive: true }));
    await using edge = await startEmbeddedBroker();
    await using cloud = await startEmbeddedBroker();
    const state = await makeFolder(
      "a temporary folder",
      "TMPDIR",
      () => Deno.makeTempDir({ prefix: "haarlem-demo-" }),
    );
    const isSample = source === "sample";
    const progress = new Progress(print);
    const children: Child[] = [];
    const launch = (name: string, args: string[], more: Pick<ChildOptions, "env" | "onLine"> = {}) => {
      // Besides the faces, only warnings and the address of the gallery are shown.
      const onErrorLine = (line: string) => progress.line(line.replace(/^.* gallery at /, "gallery: "));
      children.push(
        startChild(name, ["--log-level", name === "gallery" ? "info" : "warning", ...args], {
          ...more,
          onErrorLine,
        }),
      );
    };

    print("Haarlem demo: camera -> detector -> broker -> forwarder -> broker -> saver -> folder -> gallery");
    print(`Faces are stored in ${store}. Press Ctrl-C to stop.`);
    if (isSample) {
      print("The sample is one person, so the demo sends each detection, not one face per visit.");
    }
    print("");
    try {
      launch("saver", ["--broker", cloud.url, "--store", store]);
      launch("forwarder", ["--edge", edge.url, "--cloud", cloud.url]);
      launch("logger", ["--broker", edge.url, "--json"], {
        onLine: (line) => progress.face(JSON.parse(line)),
      });
      launch("gallery", ["--store", store, "--listen", listen]);
      // The source may hold a password, which must not be in a flag. The sample shows one visit only, so each of its
      // detections is a face.
      launch("detector", ["--broker", edge.url, "--state", join(state, "detector")], {
        env: { HAARLEM_DETECTOR_SOURCE: source, HAARLEM_FACES: isSample ? "every" : "best" },
      });
      programs.started();
      programs.ok();
      await anyEnds(children, signal);
    } finally {
      progress.end();
      await Promise.all(children.map((child) => child.stop()));
      await Deno.remove(state, { recursive: true }).catch(() => {});
    }
    print(`Stopped after ${progress.faces} faces; they are in ${store}.`);
  },
});

/** Resolves on the stop signal or when a program has ended well; throws when a program fails before the signal. */
async function anyEnds(children: readonly Child[], signal: AbortSignal): Promise<void> {
  if (signal.aborted) return; // Before the programs were started: Ctrl-C did not reach them.
  const stopped = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined))
  );
  const ended = await Promise.race([stopped, ...children.map((child) => child.ended)]);
  // Ctrl-C reaches the programs too, possibly before this process.
  if (ended && ended.code !== 0 && !signal.aborted) {
    throw new FatalError(
      `cannot continue the demo: the ${ended.name} ended with exit code ${ended.code}`,
      "look for its error in the lines above",
    );
  }
}

if (import.meta.main) await start(demo);
