/** Asks a program that runs how it health, where there is no curl: the health check of an image without a shell. */
import { get } from "node:http";
import { messageOf } from "../errors.ts";
import { printable } from "../printable.ts";
import { NOT_SHOWN, safeAddress, withSafeAddresses } from "../safe_address.ts";

const ANSWER_MS = 5_000;
const BODY_MAX = 64 * 1024;

/** What came of it. */
export interface Finding {
  readonly well: boolean;
  /** What was answered, or why nothing was. */
  readonly answer: string;
}

/**
 * Ends the process with what came of it when the arguments ask for a probe. That goes before everything else: the
 * settings need not even be right.
 */
export async function probeIfAsked(args: readonly string[]): Promise<void> {
  const at = args.findIndex((arg) => arg === "--probe" || arg.startsWith("--probe="));
  if (at < 0) return;
  const url = args[at] === "--probe" ? args[at + 1] ?? "" : args[at].slice("--probe=".length);
  const { well, answer } = await probe(url);
  console.log(printable(answer, { max: BODY_MAX, lines: true }));
  Deno.exit(well ? 0 : 1);
}

/** Reads `url`; well is whoever answers with 200. Not by `fetch`, which would go through a proxy of the environment. */
export function probe(url: string): Promise<Finding> {
  return new Promise((resolve) => {
    const say = (well: boolean, answer: string) => resolve({ well, answer: answer.trim() });
    const shown = safeAddress(url);
    if (shown === NOT_SHOWN || !URL.canParse(url)) {
      return say(false, "--probe should be an address such as http://127.0.0.1:9100/healthz");
    }
    const failed = (error: unknown) =>
      say(false, `"${shown}" does not answer: ${withSafeAddresses(messageOf(error))}`);
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      get(url, { signal }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text) => body.length < BODY_MAX && (body += text));
        response.on("end", () => say(response.statusCode === 200, body || `status ${response.statusCode}`));
        response.on("error", failed);
      }).on("error", failed);
    } catch (error) {
      failed(error); // An address that is none, or no http.
    }
  });
}
