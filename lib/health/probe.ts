/** Queries the health of a running program over HTTP: the health check of an image without curl or a shell. */
import { get } from "node:http";
import { messageOf } from "../errors.ts";
import { NOT_SHOWN, safeAddress, withSafeAddresses } from "../safe_address.ts";

/** Timeout of the whole answer. */
const TIMEOUT_MS = 5_000;
/** More characters of an answer than these are not read. */
const BODY_MAX = 64 * 1024;

/** The result of a probe. */
export interface ProbeResult {
  readonly isHealthy: boolean;
  /** The body of the answer, or why there was none. */
  readonly answer: string;
}

/**
 * Reads `url`; status 200 means healthy. `fetch` is not used, because it would go through a proxy of the environment.
 */
export function probe(url: string): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const end = (isHealthy: boolean, answer: string) => resolve({ isHealthy, answer: answer.trim() });
    const shown = safeAddress(url);
    if (shown === NOT_SHOWN || !URL.canParse(url)) {
      return end(false, "--probe should be an address such as http://127.0.0.1:9100/healthz");
    }
    const failed = (error: unknown) =>
      end(false, `"${shown}" does not answer: ${withSafeAddresses(messageOf(error))}`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      get(url, { signal }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text) => body.length < BODY_MAX && (body += text));
        response.on("end", () => end(response.statusCode === 200, body || `status ${response.statusCode}`));
        response.on("error", failed);
      }).on("error", failed);
    } catch (error) {
      failed(error); // The address is not an HTTP address.
    }
  });
}
