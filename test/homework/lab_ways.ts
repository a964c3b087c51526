/** The pipelines that the lab compares: the same brokers, the same bucket, the same clip, other programs. */
import { RunningProgram } from "../servers/run_program.ts";
import type { S3Server } from "../servers/s3_server.ts";
import type { Mosquitto } from "../servers/mosquitto.ts";
import { findParts, PARTS, type Parts } from "../parts.ts";
import { startHomework } from "./homework.ts";

/** What every pipeline has in common. */
export interface LabServers {
  readonly edge: Mosquitto;
  readonly cloud: Mosquitto;
  readonly s3: S3Server;
  /** The folder of a detector's outbox. */
  readonly state: string;
}

/** What a saver has stored. */
export interface Stored {
  /** Number of faces that were put into the bucket. */
  readonly puts: number;
  /** Number of faces that are in the bucket. */
  readonly objects: number;
}

/** One pipeline. Each program can be started again after it was killed. */
export interface Way {
  readonly name: string;
  /** The parts without which it cannot run. */
  readonly parts: readonly (keyof Parts)[];
  saver(servers: LabServers): RunningProgram;
  forwarder(servers: LabServers): RunningProgram;
  detector(servers: LabServers, clip: string): RunningProgram;
  /** What a saver and a forwarder print when they receive faces. */
  readonly ready: { readonly saver: RegExp; readonly forwarder: RegExp };
  stored(servers: LabServers, savers: readonly RunningProgram[]): Promise<Stored>;
}

/** A smaller object is a marker of the lab, see lab_run.ts. Faces of the clip are larger. */
export const MIN_FACE_BYTES = 500;

const PYTHON: Way = {
  name: "the four Python programs",
  parts: ["python", "cascades", "peerPythonPath"],
  ready: { saver: /ready/, forwarder: /ready/ },
  saver: (servers) => startHomework("image_processor", servers),
  forwarder: (servers) => startHomework("message_forwarder", servers),
  detector: (servers, clip) => startHomework("face_detector", servers, [clip, "--camera-speed"]),
  async stored(_servers, savers) {
    const lines = savers.flatMap(({ stdout }) => Array.from(stdout.matchAll(/^stored (\S+) (\d+) bytes$/gm)));
    const keys = lines.filter(([, , bytes]) => Number(bytes) >= MIN_FACE_BYTES).map(([, key]) => key);
    return { puts: keys.length, objects: new Set(keys).size };
  },
};

/** Haarlem's programs with more settings for all of them. */
function haarlem(name: string, settings: readonly string[], detection: readonly string[]): Way {
  const start = (program: string, args: readonly string[], env: Record<string, string> = {}) =>
    // The settings of the tests' own runner must not hide those of the lab.
    new RunningProgram(program, [...args, ...settings], {
      env: { HAARLEM_FACES: "", HAARLEM_MOTION: "", ...env },
    });
  return {
    name,
    parts: [],
    ready: {
      saver: /connected to the broker/,
      forwarder: /connected to the (edge|cloud)[^]*connected to the (?!\1)(edge|cloud)/,
    },
    saver: ({ cloud, s3 }) =>
      start(
        "saver",
        ["--broker", cloud.url, "--store", `s3://${s3.bucket}`, "--s3-endpoint", s3.endpoint],
        s3.credentials,
      ),
    forwarder: ({ edge, cloud }) => start("forwarder", ["--edge", edge.url, "--cloud", cloud.url]),
    detector: ({ edge, state }, clip) =>
      start("detector", [
        ...["--source", clip, "--once", "--broker", edge.url, "--state", state, "--retry", "1"],
        // At the speed of a camera: a fast machine would be done with the clip before a hop has been killed.
        ...["--ffmpeg-options", "-re"],
        ...detection,
      ]),
    async stored({ s3 }) {
      const objects = await s3.pictures();
      const faces = objects.values().filter(({ length }) => length >= MIN_FACE_BYTES).toArray().length;
      return { puts: faces, objects: faces };
    },
  };
}

/** All pipelines, the seed first. Each detector sends every detection of every frame. */
export const WAYS: readonly Way[] = [
  PYTHON,
  haarlem("Haarlem --preset homework", ["--preset", "homework"], []),
  haarlem("Haarlem as shipped", [], ["--faces", "every", "--motion", "off", "--margin", "0"]),
];

/** Why a pipeline cannot run on this machine; undefined when it can. */
export function missingFor({ parts }: Pick<Way, "parts">): string | undefined {
  const found = findParts();
  const missing = parts.filter((part) => found[part] === undefined).map((part) => PARTS[part].name);
  return missing.length > 0 ? missing.join(", ") : undefined;
}
