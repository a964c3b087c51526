/** The systems of common boards, oldest first. */
import { join } from "node:path";
import { LONG, run } from "../../lib/testing/command.ts";
import { cachePath, findProgram } from "../parts.ts";

/** One system on one kind of processor. */
export interface System {
  readonly name: string;
  /** Boards with this system. */
  readonly boards: string;
  readonly suite: string;
  readonly processor: "amd64" | "arm64";
  /** The mirror of its packages; `undefined` where none is known. */
  readonly mirror: string | undefined;
  /** Versions of its packages, for systems without a mirror. Sources: packages.ubuntu.com, NVIDIA's JetPack archive. */
  readonly versions?: {
    readonly ffmpeg: string;
    readonly mosquitto: string;
    readonly systemd: string;
    readonly glibc: string;
  };
}

const DEBIAN = Deno.env.get("HAARLEM_DEBIAN_MIRROR") ?? "http://deb.debian.org/debian";
const UBUNTU = Deno.env.get("HAARLEM_UBUNTU_MIRROR") || undefined;

export const SYSTEMS: readonly System[] = [
  {
    name: "Ubuntu 18.04",
    boards: "JetPack 4 (Jetson Nano, TX2, Xavier NX)",
    suite: "bionic",
    processor: "amd64",
    mirror: UBUNTU,
    versions: { ffmpeg: "3.4", mosquitto: "1.4.15", systemd: "237", glibc: "2.27" },
  },
  {
    name: "Ubuntu 20.04",
    boards: "JetPack 5",
    suite: "focal",
    processor: "amd64",
    mirror: UBUNTU,
    versions: { ffmpeg: "4.2", mosquitto: "1.6.9", systemd: "245", glibc: "2.31" },
  },
  {
    name: "Debian 11",
    boards: "Raspberry Pi OS bullseye",
    suite: "bullseye",
    processor: "amd64",
    mirror: DEBIAN,
  },
  {
    name: "Ubuntu 22.04",
    boards: "JetPack 6",
    suite: "jammy",
    processor: "amd64",
    mirror: UBUNTU,
    versions: { ffmpeg: "4.4", mosquitto: "2.0.11", systemd: "249", glibc: "2.35" },
  },
  {
    name: "Debian 12",
    boards: "Raspberry Pi OS bookworm",
    suite: "bookworm",
    processor: "amd64",
    mirror: DEBIAN,
  },
  {
    name: "Debian 12",
    boards: "Raspberry Pi OS bookworm",
    suite: "bookworm",
    processor: "arm64",
    mirror: DEBIAN,
  },
  {
    name: "Ubuntu 24.04",
    boards: "Ubuntu for Raspberry Pi",
    suite: "noble",
    processor: "amd64",
    mirror: UBUNTU,
    versions: { ffmpeg: "6.1", mosquitto: "2.0.18", systemd: "255", glibc: "2.39" },
  },
  {
    name: "Debian 13",
    boards: "Raspberry Pi OS trixie",
    suite: "trixie",
    processor: "amd64",
    mirror: DEBIAN,
  },
];

const PACKAGES =
  "ffmpeg,mosquitto,systemd,systemd-sysv,openssh-server,sudo,dbus,iproute2,procps,ca-certificates";

/** A word for a system, such as `bookworm-arm64`. */
export function wordFor({ suite, processor }: System): string {
  return `${suite}-${processor}`;
}

/** What a folder of a system holds besides the smallest system. */
interface Contents {
  /** Names of packages, with commas between. */
  readonly packages: string;
  readonly word: string;
}

/** A folder with the installed system, made once. */
export async function rootOf(
  system: System,
  { packages, word }: Contents = { packages: PACKAGES, word: wordFor(system) },
): Promise<string> {
  const root = join(cachePath(), "systems", word);
  if (await Deno.stat(root).then(() => true, () => false)) return root;
  await Deno.mkdir(join(cachePath(), "systems"), { recursive: true });
  await Deno.remove(`${root}.part`, { recursive: true }).catch(() => {});
  if (system.processor === "amd64") await bootstrap(system, `${root}.part`, packages, []);
  else {
    // Packages are only unpacked: under emulation that is twenty times as fast as running their scripts.
    await bootstrap(system, `${root}.part`, packages, ["--foreign", "--arch=arm64"]);
    await unpackAll(`${root}.part`);
  }
  await Deno.rename(`${root}.part`, root);
  return root;
}

async function bootstrap(
  { suite, mirror }: System,
  root: string,
  packages: string,
  more: string[],
): Promise<void> {
  const components = mirror === UBUNTU ? ["--components=main,universe"] : [];
  await run(
    "debootstrap",
    ["--variant=minbase", `--include=${packages}`, ...components, ...more, suite, root, mirror!],
    LONG,
  );
}

/** Keeps Debian's links from / to /usr: dpkg-deb alone replaces them by folders. */
async function unpackAll(root: string): Promise<void> {
  const script = `set -e
    for package in "$1"/var/cache/apt/archives/*.deb; do
      dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$1"
    done
    # What alternatives and ldconfig would do.
    for library in blas/libblas.so.3 lapack/liblapack.so.3; do
      [ ! -e "$1/usr/lib/aarch64-linux-gnu/$library" ] || ln -sf "$library" "$1/usr/lib/aarch64-linux-gnu/"
    done
    for library in "$1"/usr/lib/aarch64-linux-gnu/pulseaudio/*.so; do
      [ ! -e "$library" ] || ln -sf "pulseaudio/\${library##*/}" "$1/usr/lib/aarch64-linux-gnu/"
    done
    grep -q '^mosquitto:' "$1/etc/passwd" 2>/dev/null ||
      { echo 'root:x:0:0::/root:/bin/sh'; echo 'mosquitto:x:990:990::/:/bin/sh'; } >>"$1/etc/passwd"
    grep -q '^mosquitto:' "$1/etc/group" 2>/dev/null || { echo 'root:x:0:'; echo 'mosquitto:x:990:'; } >>"$1/etc/group"`;
  await run("sh", ["-c", script, "sh", root], LONG);
}

/** Whether this machine can make systems: as root, with debootstrap. */
export function canMakeSystems(): boolean {
  return Deno.uid() === 0 && findProgram("debootstrap") !== undefined;
}
