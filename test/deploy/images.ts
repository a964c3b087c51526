/** Builds and runs our images with buildah, which needs no daemon. */
import { dirname, join } from "node:path";
import { LONG, run } from "../../lib/testing/command.ts";
import { exists, ROOT } from "../../lib/testing/files.ts";
import { type Skip, skipUnless } from "../../lib/testing/skip.ts";
import { findProgram } from "../parts.ts";

const SUITE = "trixie";
const MIRROR = "http://deb.debian.org/debian";

/** A processor architecture, by its name in images. */
export const MACHINES = ["amd64", "arm64"] as const;
export type Machine = typeof MACHINES[number];

const LINUX_NAMES: Record<Machine, string> = { amd64: "x86_64", arm64: "aarch64" };

export const OURS: Machine = Deno.build.arch === "x86_64" ? "amd64" : "arm64";

/** The configuration of an image. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Labels: Readonly<Record<string, string>>;
}

/** Builds a target of the Dockerfile, from what is in dist/; it reuses the layers of an earlier build. */
export async function buildImage(
  target: string,
  machine: Machine,
  buildArgs: readonly string[] = [],
): Promise<string> {
  const image = `localhost/haarlem-${target}:test-${machine}`;
  const options = [
    "--isolation",
    "chroot",
    "--layers",
    "--format",
    "docker",
    "--platform",
    `linux/${machine}`,
  ];
  const version = await versionFor(machine);
  const given = [`DEBIAN=${await debian(machine)}`, "PROGRAMS=prebuilt", `HAARLEM_BUILD_VERSION=${version}`]
    .concat(buildArgs);
  const args = given.flatMap((arg) => ["--build-arg", arg]);
  await buildah("bud", ...options, ...args, "--target", target, "--tag", image, ROOT);
  return image;
}

/** The version of what {@link buildImage} puts into an image. */
export async function versionFor(machine: Machine): Promise<string> {
  return JSON.parse(await Deno.readTextFile(join(dirname(executableFor(machine)), "build.json"))).version;
}

/** Makes a stand-in for Debian's own image once: the same packages, and this machine's certificate authorities. */
async function debian(machine: Machine): Promise<string> {
  const image = `localhost/haarlem-debian:${SUITE}-${machine}`;
  const names = await buildah("images", "--format", "{{.Name}}:{{.Tag}}");
  if (names.split("\n").includes(image)) return image;
  const folder = await Deno.makeTempDir({ prefix: "debian-" });
  try {
    await run("debootstrap", [`--arch=${machine}`, "--variant=minbase", SUITE, folder, MIRROR], LONG);
    const container = await buildah("from", "scratch");
    await buildah("add", "--quiet", container, folder, "/");
    const authorities = "/usr/local/share/ca-certificates";
    await buildah("add", "--quiet", container, authorities, authorities).catch(() => {}); // There are none.
    await buildah("config", "--arch", machine, container);
    await buildah("commit", "--quiet", "--rm", container, image);
    return image;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A container of an image, removed with the test. */
export class Container implements AsyncDisposable {
  private constructor(private readonly name: string, readonly config: ImageConfig) {}

  static async of(image: string): Promise<Container> {
    const name = await buildah("from", "--pull-never", image);
    const { Docker } = JSON.parse(await buildah("inspect", name));
    return new Container(name, Docker.config);
  }

  /** The command that runs a program in it. `buildah run` uses neither the entry point nor the user's network. */
  command(
    words: readonly string[],
    { env = {}, volumes = {} }: { env?: Record<string, string>; volumes?: Record<string, string> } = {},
  ): string[] {
    return [
      "buildah",
      "run",
      "--isolation=chroot",
      ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
      ...Object.entries(volumes).map(([inside, outside]) => `--volume=${outside}:${inside}`),
      this.name,
      "--",
      ...words,
    ];
  }

  /** The folder of its files on this machine. */
  files(): Promise<string> {
    return buildah("mount", this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await buildah("rm", this.name);
  }
}

/** Runs buildah; returns what it prints. */
function buildah(...args: string[]): Promise<string> {
  return run("buildah", args, LONG);
}

/**
 * Options for the tests of a machine's images. They take minutes and run only with HAARLEM_CONTAINERS=1, for this kind
 * of machine, or `all`, for both. They are skipped where dist/ has not been built, and where a program that they need
 * is missing, unless HAARLEM_REQUIRE_PARTS=1.
 */
export function needsImages(machine: Machine): Skip {
  const kinds = Deno.env.get("HAARLEM_CONTAINERS");
  const isChosen = kinds === "all" || (Boolean(kinds) && machine === OURS);
  const required = Deno.env.get("HAARLEM_REQUIRE_PARTS") === "1";
  const isThere = isChosen && exists(executableFor(machine)) && (required || canBuild(machine));
  return skipUnless(isThere, `the container images for ${machine}`, "run deno task test:containers");
}

/** Whether this machine can build and run images: as root, and with binfmt for another architecture. */
function canBuild(machine: Machine): boolean {
  const programs = ["buildah", "debootstrap"].every((name) => findProgram(name) !== undefined);
  const runs = machine === OURS || exists(`/proc/sys/fs/binfmt_misc/qemu-${LINUX_NAMES[machine]}`);
  return programs && runs && Deno.uid() === 0;
}

/** The executable that the Dockerfile uses with PROGRAMS=prebuilt. */
function executableFor(machine: Machine): string {
  return join(ROOT, "dist", `${LINUX_NAMES[machine]}-unknown-linux-gnu`, "haarlem");
}
