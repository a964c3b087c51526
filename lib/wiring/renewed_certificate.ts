/** Notices that the certificate of a page was renewed, so that no restart is necessary. */
import { messageOf } from "../errors.ts";
import type { ServerCertificate } from "../http_listen.ts";
import type { Log } from "../log.ts";

/** What {@link RenewedCertificate} needs. */
export interface RenewalOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Reads both files. Throws for files that are not usable together. */
  readonly read: () => ServerCertificate | undefined;
  readonly log: Pick<Log, "info" | "warn">;
}

/** Notices renewals of these files; undefined without them. */
export function openRenewals(
  { certFile, keyFile, ...options }: Partial<RenewalOptions> & Pick<RenewalOptions, "read" | "log">,
): RenewedCertificate | undefined {
  if (certFile === undefined || keyFile === undefined) return undefined;
  return new RenewedCertificate({ certFile, keyFile, ...options });
}

/** The files of a certificate and its key, as they were read last. */
export class RenewedCertificate {
  /** Inode, size and modification time of both files when they were last usable. */
  #used: string;
  /** The same of files that were not usable: their replacement may not be complete yet. */
  #unusable?: string;
  #reported?: string;

  constructor(private readonly options: RenewalOptions) {
    this.#used = this.#version();
  }

  /** Certificate and key when the files have changed since they were used; undefined otherwise. */
  take(): ServerCertificate | undefined {
    const { read, log, certFile } = this.options;
    const version = this.#version();
    if (version === this.#used) return undefined;
    try {
      const renewed = read();
      this.#used = version;
      log.info("the certificate of the page was renewed", { file: certFile });
      return renewed;
    } catch (error) {
      // Two files cannot be replaced at once: only what lasts until the next check is reported.
      if (version === this.#unusable && version !== this.#reported) {
        log.warn(`cannot use the renewed certificate, the page keeps the previous one: ${messageOf(error)}`);
        this.#reported = version;
      }
      this.#unusable = version;
      return undefined;
    }
  }

  #version(): string {
    return [this.options.certFile, this.options.keyFile].map(versionOf).join();
  }
}

/** Follows links: certificates are often replaced by another link. */
function versionOf(path: string): string {
  try {
    const { ino, size, mtime } = Deno.statSync(path);
    return `${ino} ${size} ${mtime?.getTime()}`;
  } catch {
    return "missing";
  }
}
