/** A system without its kernel: programs run in its folder as on the board, at this machine's speed. */
import { join } from "node:path";
import { type System } from "./systems.ts";
import { LONG, run } from "../../lib/testing/command.ts";
import { ROOT } from "../../lib/testing/files.ts";

/** A copy of a system that a test may change. */
export class InstalledSystem implements AsyncDisposable {
  private constructor(readonly system: System, readonly root: string) {}

  static async copyOf(system: System, base: string): Promise<InstalledSystem> {
    const root = await Deno.makeTempDir({ prefix: "system-" });
    await run("cp", ["-a", "--reflink=auto", `${base}/.`, root]);
    return new InstalledSystem(system, root);
  }

  /** Runs a shell script in the system, with its own loopback network. */
  async sh(script: string): Promise<string> {
    const inside =
      `mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && mount --rbind /sys "$0/sys" && ip link set lo up && exec chroot "$0" \
      /bin/sh -ec "$1"`;
    return await run(
      "unshare",
      ["--mount", "--pid", "--net", "--fork", "sh", "-ec", inside, this.root, script],
      LONG,
    );
  }

  /** Copies the executable, Mosquitto's file and the units to where deploy/install puts them. */
  async install(executable: string): Promise<void> {
    await Deno.copyFile(executable, join(this.root, "usr/bin/haarlem"));
    await Deno.chmod(join(this.root, "usr/bin/haarlem"), 0o755);
    const fit = `set -e
      here=$1/deploy/install.d folder=$2/stage
      mkdir -p "$folder/root/etc/systemd/system" "$folder/root/etc/mosquitto/conf.d" "$folder/install.d"
      cp "$1"/deploy/systemd/*.service "$folder/root/etc/systemd/system/"
      for unit in "$1"/deploy/systemd/*.service; do
        mkdir "$folder/root/etc/systemd/system/\${unit##*/}.d"
        cp "$1"/deploy/systemd/haarlem-.service.d/common.conf "$folder/root/etc/systemd/system/\${unit##*/}.d/"
      done
      cp "$1"/deploy/install.d/board_versions.sh "$1"/deploy/systemd/directives.txt "$folder/install.d/"
      here=$folder/install.d
      . "$here/board_versions.sh"
      fit_units "$3"
      . "$1/deploy/mosquitto/fit.sh"
      fit_to_mosquitto "$1/deploy/mosquitto/edge.conf" "$4" "$1/deploy/mosquitto/options" \
        >"$folder/root/etc/mosquitto/conf.d/haarlem.conf"
      cp -r "$folder/root/." "$2/"`;
    const { systemd, mosquitto } = await this.versions();
    await run("sh", ["-c", fit, "sh", ROOT, this.root, systemd, mosquitto]);
  }

  /** The installed programs, with the versions that they print. */
  async versions(): Promise<{ ffmpeg: string; mosquitto: string; systemd: string; glibc: string }> {
    const say = async (script: string, pattern: RegExp) =>
      pattern.exec(await this.sh(script))?.[1] ?? "unknown";
    return {
      ffmpeg: await say("ffmpeg -version", /^ffmpeg version ([\d.]+)/),
      mosquitto: await say("mosquitto -h || true", /^mosquitto version ([\d.]+)/),
      systemd: await say("systemctl --version", /^systemd (\d+)/),
      glibc: await say("ldd --version 2>&1 | head -n 1", /([\d.]+)$/m),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
