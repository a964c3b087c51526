/** Why no connection to a broker comes about, found out by a look of our own where the MQTT client does not say. */
import { findTlsFault } from "../tls/find_tls_fault.ts";
import type { TlsFault } from "../tls/tls_fault.ts";
import { brokerPort } from "./broker_port.ts";

/** While the client says the same, the broker is not looked at again before this long. */
const AGAIN_MS = 10 * 60_000;

/** A broker's address and what is needed for TLS with it. */
export interface LinkOptions {
  readonly url: URL;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly caSetting?: string;
}

/** The look at a broker: one for each outage, and one more when the client says something else or after a while. */
export class LinkFaults {
  readonly #options: LinkOptions;
  #looked: { readonly said: string; readonly atMs: number; readonly fault: TlsFault | undefined } | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** The cause and the cure of what the client says; nothing when they stay unknown. */
  async explain(
    said: string,
    { signal, nowMs = performance.now() }: { signal: AbortSignal; nowMs?: number },
  ): Promise<TlsFault | undefined> {
    if (this.#looked?.said !== said || nowMs - this.#looked.atMs > AGAIN_MS) {
      this.#looked = { said, atMs: nowMs, fault: await this.#look(signal) };
    }
    return this.#looked.fault;
  }

  /** The outage is over. */
  end(): void {
    this.#looked = undefined;
  }

  #look(signal: AbortSignal): Promise<TlsFault | undefined> {
    const { url, tls, caSetting = "--broker-ca" } = this.#options;
    const isTls = url.protocol === "mqtts:";
    return findTlsFault({
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: brokerPort(url),
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

/** CONNECT of MQTT 3.1.1: no name, a clean session, 5 s; any broker answers it, be it with a refusal. */
// deno-fmt-ignore
const CONNECT = Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 5, 0, 0);
