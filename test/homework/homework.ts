/** The course's Python programs (README.md), as processes with brokers and a bucket of a test's own. */
import { join } from "node:path";
import type { Parts } from "../parts.ts";
import { findParts } from "../parts.ts";
import { RunningProgram } from "../servers/run_program.ts";

/** The parts that the programs need, for `needs()`. */
export const HOMEWORK_PARTS = [
  "mosquitto",
  "versitygw",
  "ffmpeg",
  "python",
  "cascades",
  "peerPythonPath",
] as const satisfies readonly (keyof Parts)[];

export type HomeworkProgram =
  | "face_detector"
  | "message_logger"
  | "message_forwarder"
  | "image_processor";

/** Where the programs find brokers and bucket; a program ignores what it does not use. */
export interface HomeworkServers {
  readonly edge: { readonly port: number };
  readonly cloud?: { readonly port: number };
  readonly s3?: { readonly endpoint: string; readonly credentials: Readonly<Record<string, string>> };
}

/** Starts one of the programs. */
export function startHomework(
  name: HomeworkProgram,
  { edge, cloud, s3 }: HomeworkServers,
  args: readonly string[] = [],
): RunningProgram {
  const { python, peerPythonPath } = findParts();
  const env = {
    PYTHONPATH: peerPythonPath!,
    PYTHONDONTWRITEBYTECODE: "1",
    EDGE_PORT: String(edge.port),
    ...(cloud && { CLOUD_PORT: String(cloud.port) }),
    ...(s3 && {
      ...s3.credentials,
      AWS_DEFAULT_REGION: s3.credentials.AWS_REGION,
      S3_ENDPOINT: s3.endpoint,
    }),
  };
  return new RunningProgram(name, args, {
    env,
    command: [python!, join(import.meta.dirname!, `${name}.py`)],
  });
}
