/** A system with its own systemd as process 1 and this machine's kernel, reached over ssh like a board. */
import { sendSignal } from "../../lib/send_signal.ts";
import { join } from "node:path";
import { findProgram } from "../parts.ts";
import { rootOf, type System } from "./systems.ts";
import { run } from "../../lib/testing/command.ts";
import { until } from "../../lib/testing/until.ts";

/** Whether systemd-nspawn can boot a system here. */
export function canBoot(): boolean {
  return Deno.uid() === 0 && ["systemd-nspawn", "ip", "ssh"].every((name) => findProgram(name) !== undefined);
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** A running copy of a system, removed with the test. */
export class BootedSystem implements AsyncDisposable {
  /** This machine, as the board sees it. */
  readonly host: string;
  readonly address: string;
  /** For `ssh -F` and `deploy/install --ssh-config`. */
  readonly sshConfig: string;
  readonly key: string;
  readonly #name: string;
  #process: Deno.ChildProcess | undefined;
  #console = "";

  private constructor(private readonly folder: string) {
    // Two systems at a time have different networks.
    const net = 16 + crypto.getRandomValues(new Uint8Array(1))[0] % 200;
    this.host = `10.77.${net}.1`;
    this.address = `10.77.${net}.2`;
    this.#name = `haarlem-${net}`;
    this.sshConfig = join(folder, "ssh_config");
    this.key = join(folder, "key");
  }

  static async boot(system: System): Promise<BootedSystem> {
    const booted = new BootedSystem(await Deno.makeTempDir({ prefix: "booted-" }));
    try {
      await booted.#prepare(await rootOf(system));
      await booted.#start();
      return booted;
    } catch (error) {
      await booted[Symbol.asyncDispose]();
      throw error;
    }
  }

  get root(): string {
    return join(this.folder, "root");
  }

  /** Runs a command as root on the board. */
  async ssh(command: string): Promise<string> {
    return await run("ssh", ["-F", this.sshConfig, this.address, command]);
  }

  /** Every path on the board except logs, caches and temporary files. */
  async files(): Promise<Set<string>> {
    const passing = [
      "/proc",
      "/sys",
      "/dev",
      "/run",
      "/tmp",
      "/var/tmp",
      "/var/log",
      "/var/cache",
      "/var/lib/systemd",
    ];
    const pruned = passing.map((path) => `-path ${path}`).join(" -o ");
    return new Set((await this.ssh(`find / \\( ${pruned} \\) -prune -o -print`)).trim().split("\n"));
  }

  async #prepare(base: string): Promise<void> {
    await run("cp", ["-a", "--reflink=auto", base, this.root]);
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", this.key]);
    await Deno.mkdir(join(this.root, "root/.ssh"), { recursive: true, mode: 0o700 });
    await Deno.copyFile(`${this.key}.pub`, join(this.root, "root/.ssh/authorized_keys"));
    const network = [
      "[Match]",
      "Name=host0",
      "[Network]",
      `Address=${this.address}/24`,
      "LinkLocalAddressing=no",
    ];
    await Deno.writeTextFile(
      join(this.root, "etc/systemd/network/10-host0.network"),
      network.join("\n") + "\n",
    );
    const wants = join(this.root, "etc/systemd/system/multi-user.target.wants/systemd-networkd.service");
    await Deno.remove(wants).catch(() => {});
    await Deno.symlink("/lib/systemd/system/systemd-networkd.service", wants);
    await Deno.writeTextFile(join(this.root, "etc/hostname"), "board\n");
    await Deno.writeTextFile(join(this.root, "etc/hosts"), "127.0.0.1 localhost board\n");
    // Each copy has new host keys.
    const options = [
      "User root",
      `IdentityFile ${this.key}`,
      "StrictHostKeyChecking no",
      "UserKnownHostsFile /dev/null",
    ];
    await Deno.writeTextFile(
      this.sshConfig,
      ["Host *", ...options, "LogLevel ERROR", "ConnectTimeout 5", "ServerAliveInterval 5"].join("\n") + "\n",
    );
  }

  async #start(): Promise<void> {
    const options = ["--quiet", "--register=no", "--keep-unit", "--network-veth", "--boot"];
    this.#process = new Deno.Command("systemd-nspawn", {
      args: [...options, `--machine=${this.#name}`, `--directory=${this.root}`],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    for (const stream of [this.#process.stdout, this.#process.stderr]) void this.#listen(stream);
    // The kernel limits the name of an interface to 15 characters.
    const link = `ve-${this.#name}`.slice(0, 15);
    await this.#until(() => run("ip", ["address", "replace", `${this.host}/24`, "dev", link]));
    await run("ip", ["link", "set", link, "up"]);
    await this.#until(() => this.ssh("true"));
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#console = (this.#console + text).slice(-4_000);
    }
  }

  /** Tries until it succeeds: no event announces that a system has booted. */
  async #until(attempt: () => Promise<unknown>): Promise<void> {
    const succeeds = () => attempt().then(() => true, () => false);
    await until(succeeds, "the system answers", { everyMs: 200, limitMs: START_LIMIT_MS }).catch((error) => {
      throw new Error(`the system does not answer:\n${this.#console}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process) {
      const timer = setTimeout(() => sendSignal(this.#process!, "SIGKILL"), STOP_LIMIT_MS);
      await this.ssh("systemctl poweroff").catch(() => {});
      await this.#process.status;
      clearTimeout(timer);
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}
