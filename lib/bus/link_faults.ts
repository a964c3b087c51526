/** Why a connection to a broker fails, found by a connection of our own where the MQTT client gives no reason. */
import { findTlsFault } from "../tls/find_tls_fault.ts";
import { placeOf } from "../tls/probe_server.ts";
import type { TlsFault } from "../tls/tls_fault.ts";
import { brokerPort } from "./broker_port.ts";

/** While the client's error stays the same, the broker is examined again after this long. */
const EXAMINE_AGAIN_MS = 10 * 60_000;

/** A broker's address and the settings for TLS. */
export interface LinkOptions {
  readonly url: URL;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly caSetting?: string;
}

/** Examines a broker once for each outage, and again when the client's error changes or after a while. */
export class LinkFaults {
  readonly #options: LinkOptions;
  #examined:
    | { readonly clientError: string; readonly atMs: number; readonly fault: TlsFault | undefined }
    | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The cause and the remedy of the client's error; nothing when they are unknown. */
  async explain(
    clientError: string,
    { signal, nowMs = performance.now() }: { signal: AbortSignal; nowMs?: number },
  ): Promise<TlsFault | undefined> {
    if (this.#examined?.clientError !== clientError || nowMs - this.#examined.atMs > EXAMINE_AGAIN_MS) {
      this.#examined = { clientError, atMs: nowMs, fault: await this.#examine(signal) };
    }
    return this.#examined.fault;
  }

  /** The outage is over. */
  end(): void {
    this.#examined = undefined;
  }

  #examine(signal: AbortSignal): Promise<TlsFault | undefined> {
    const { url, tls, caSetting = "--broker-ca" } = this.#options;
    const isTls = url.protocol === "mqtts:";
    return findTlsFault({
      ...placeOf(url, brokerPort(url)),
      isTls,
      plainHello: CONNECT,
      ...tls,
      words: {
        server: "the broker",
        authority: caSetting,
        plainScheme: "mqtt://",
        tlsScheme: "mqtts:// (usually port 8883)",
      },
    }, { signal });
  }
}

/** CONNECT of MQTT 3.1.1: no client identifier, a clean session, keepalive 5 s. Every broker answers it. */
// deno-fmt-ignore
const CONNECT = Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 5, 0, 0);
