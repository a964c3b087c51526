/** Certificate authorities and certificates for TLS tests. */
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";

/** Properties of a certificate. */
export interface CertificateOptions {
  /** As in `subjectAltName`, such as `IP:127.0.0.1`. */
  readonly names?: string;
  readonly commonName?: string;
  /** `YYYYMMDDhhmmssZ`; by default from yesterday on, for a month. */
  readonly from?: string;
  readonly until?: string;
}

/** A certificate and its key, as PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 3600 * 1000;

/** A certificate authority, made by openssl and removed with the test. */
export class Authority implements AsyncDisposable {
  #count = 0;

  private constructor(readonly folder: string, readonly name: string) {}

  /** Makes an authority; with `names` its certificate can also be a server's. */
  static async create(name = "Test Authority", names?: string): Promise<Authority> {
    const folder = await Deno.makeTempDir({ prefix: "authority-" });
    await Deno.chmod(folder, 0o755); // Mosquitto runs as another user.
    const authority = new Authority(folder, name);
    await Deno.writeTextFile(join(folder, "index"), "");
    await openssl([
      ..."req -x509 -newkey rsa:2048 -nodes -days 30".split(" "),
      ...["-subj", `/CN=${name}`, "-keyout", authority.key, "-out", authority.cert],
      ...(names ? ["-addext", `subjectAltName=${names}`] : []),
    ]);
    await Deno.chmod(authority.key, 0o644);
    return authority;
  }

  /** The authority's own certificate. */
  get cert(): string {
    return join(this.folder, "ca.pem");
  }

  get key(): string {
    return join(this.folder, "ca.key");
  }

  /** Signs a certificate for a server or a client. */
  async sign(
    {
      names = "DNS:localhost,IP:127.0.0.1",
      commonName = "server",
      from = stamp(Date.now() - DAY_MS),
      until = stamp(Date.now() + 30 * DAY_MS),
    }: CertificateOptions = {},
  ): Promise<CertificateFiles> {
    const at = (ending: string) => join(this.folder, `${this.#count}.${ending}`);
    this.#count++;
    const [key, request, cert, config] = [at("key"), at("csr"), at("pem"), at("conf")];
    const lines = [
      "[ca]\ndefault_ca = all\n[all]",
      `database = ${this.folder}/index\nnew_certs_dir = ${this.folder}`,
      "rand_serial = yes\ndefault_md = sha256\npolicy = any\nunique_subject = no\nx509_extensions = more",
      "[any]\ncommonName = supplied\n[more]\nbasicConstraints = CA:FALSE",
      names && `subjectAltName = ${names}`,
    ];
    await Deno.writeTextFile(config, lines.join("\n") + "\n");
    await openssl([
      ..."req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(" "),
      ...["-subj", `/CN=${commonName}`, "-keyout", key, "-out", request],
    ]);
    await openssl([
      ..."ca -batch -notext".split(" "),
      ...["-config", config, "-cert", this.cert, "-keyfile", this.key],
      ...["-startdate", from, "-enddate", until, "-in", request, "-out", cert],
    ]);
    await Deno.chmod(key, 0o644);
    return { cert, key };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A time as openssl writes it. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
}

async function openssl(args: readonly string[]): Promise<void> {
  await run("openssl", args);
}
