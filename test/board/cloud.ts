/** The cloud's broker with TLS by its own authority, passwords and the access list. */
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";

const ACL = inProject("deploy/mosquitto/cloud.acl");
/** Holds characters that have a meaning in addresses and settings files. */
const PASSWORD = `p%"$\\' 1`;

/** A broker with a saver's and a board's account. */
export class Cloud implements AsyncDisposable {
  private constructor(
    private readonly broker: Mosquitto,
    private readonly folder: string,
  ) {}

  /** @param host the address by which boards reach this machine; the certificate is for it. */
  static async start(host: string): Promise<Cloud> {
    const folder = await Deno.makeTempDir({ prefix: "cloud-" });
    const path = (name: string) => join(folder, name);
    const tlsPort = freePort();
    await makeCertificates(folder, host);
    await run("mosquitto_passwd", ["-b", "-c", path("passwd"), "saver", PASSWORD]);
    await run("mosquitto_passwd", ["-b", path("passwd"), "board1", PASSWORD]);
    await Deno.copyFile(ACL, path("acl"));
    // Mosquitto drops root's rights before it reads them.
    await Deno.chmod(folder, 0o755);
    for (const name of ["passwd", "acl", "ca.pem", "server.pem", "server.key"]) {
      await Deno.chmod(path(name), 0o644);
    }
    const more = [
      `password_file ${path("passwd")}`,
      `acl_file ${path("acl")}`,
      `listener ${tlsPort} 127.0.0.1`,
      `cafile ${path("ca.pem")}`,
      `certfile ${path("server.pem")}`,
      `keyfile ${path("server.key")}`,
    ];
    const broker = await Mosquitto.start({ anonymous: false, more: more.join("\n") });
    const cloud = new Cloud(broker, folder);
    const address = `mqtts://board1:${encodeURIComponent(PASSWORD)}@${host}:${tlsPort}`;
    await Deno.writeTextFile(cloud.boardSettings, `# Of the test.\nforwarder.cloud=${address}\n`, {
      mode: 0o600,
    });
    return cloud;
  }

  /** For `deploy/install --settings`: the address with the board's password. */
  get boardSettings(): string {
    return join(this.folder, "board.settings");
  }

  /** For `deploy/install --cloud-ca`. */
  get authority(): string {
    return join(this.folder, "ca.pem");
  }

  /** For a saver on this machine. */
  get saverAddress(): string {
    return this.broker.url.replace("//", `//saver:${encodeURIComponent(PASSWORD)}@`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Writes an authority and a broker's certificate that it has signed: ca.pem, server.pem, server.key. */
async function makeCertificates(folder: string, host: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const path = (name: string) => join(folder, name);
  await run("openssl", [
    ...["req", "-x509", ...key, "-keyout", path("ca.key"), "-out", path("ca.pem")],
    ...["-subj", "/CN=Haarlem test authority"],
  ]);
  await run("openssl", [
    ...["req", "-x509", ...key, "-keyout", path("server.key"), "-out", path("server.pem")],
    ...["-subj", `/CN=${host}`, "-addext", `subjectAltName=IP:${host}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-CA", path("ca.pem"), "-CAkey", path("ca.key")],
  ]);
}
