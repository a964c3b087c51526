/**
 * `deno task setup [--yes]`: installs the missing real parts that the tests drive, then prints a line for each part.
 *
 * Debian packages are installed with apt-get, where this user may. Go programs are built, Python packages are installed
 * with pip, and npm packages with Deno, into the cache folder of `./haarlem`. Setup asks before it installs anything;
 * `--yes` answers. Where nothing is missing it installs nothing. Parts that stay missing are named in one line, and the
 * exit code is 1.
 */
import {
  ARM64_DENO,
  AWS_PACKAGES,
  findParts,
  findProgram,
  GO_KEYS,
  GO_PROGRAMS,
  homeAssistantPackages,
  KUBERNETES_PACKAGES,
  NODE_RED_PACKAGES,
  PART_KEYS,
  PARTS,
  type Parts,
  PEER_PACKAGES,
} from "./parts.ts";
import { answerHelp } from "../lib/program/usage.ts";
import { installDebianPackages, missingDebianPackages } from "./setup/debian.ts";
import { bringGoPrograms } from "./setup/go_programs.ts";
import { bringNodeRed } from "./setup/npm_packages.ts";
import {
  bringArm64Deno,
  bringAwsTools,
  bringHomeAssistant,
  bringKubernetesTools,
  bringPeerPackages,
} from "./setup/python_packages.ts";
import { answerOf, beginSteps, inScratch } from "./setup/tools.ts";

/** The parts that are folders of packages, and what installs each. */
const FOLDERS: readonly (readonly [keyof Parts, (scratch: string, parts: Parts) => Promise<void>])[] = [
  ["peerPythonPath", (scratch, { python }) => bringPeerPackages(scratch, python)],
  ["awsTools", bringAwsTools],
  ["homeAssistant", bringHomeAssistant],
  ["kubernetesTools", bringKubernetesTools],
  ["arm64Deno", bringArm64Deno],
  ["nodeRed", bringNodeRed],
];

/** Installs what is missing, after a confirmation unless `isYes`, and prints a line for each part. Returns the exit code. */
async function setUp(isYes: boolean): Promise<number> {
  const parts = findParts();
  const missing = PART_KEYS.filter((key) => !parts[key]);
  if (missing.length === 0) return await report(parts);
  const packages = await missingDebianPackages(parts);
  if (isYes || isConfirmed(missing, packages)) await bring(packages);
  return await report(findParts());
}

function isConfirmed(missing: readonly (keyof Parts)[], packages: readonly string[]): boolean {
  console.log(`missing: ${missing.map((key) => PARTS[key].name).join(", ")}`);
  if (packages.length > 0) console.log(`apt-get would install: ${packages.join(", ")}`);
  console.log("Go, pip and Deno would install the others into the cache folder of ./haarlem.");
  if (!Deno.stdin.isTerminal()) return false;
  return /^y(es)?$/i.test(prompt("Install them? [y/N]") ?? "");
}

/** Installs the Debian packages, then what they do not bring. */
async function bring(packages: readonly string[]): Promise<void> {
  const before = findParts();
  const folders = FOLDERS.filter(([key]) => !before[key]);
  const programs = GO_KEYS.filter((key) => !before[key]);
  using _ = beginSteps((packages.length > 0 ? 1 : 0) + programs.length + folders.length);
  if (packages.length > 0) await installDebianPackages(packages);
  const parts = findParts();
  const unbuilt = GO_KEYS.filter((key) => !parts[key]);
  if (unbuilt.length > 0) await inScratch((scratch) => bringGoPrograms(scratch, unbuilt));
  for (const [key, bringFolder] of FOLDERS) {
    if (!parts[key]) await inScratch((scratch) => bringFolder(scratch, parts));
  }
}

async function report(parts: Parts): Promise<number> {
  const versions = await Promise.all(PART_KEYS.map((key) => versionOf(key, parts[key])));
  const missing = PART_KEYS.filter((_, index) => !versions[index]);
  for (const [index, key] of PART_KEYS.entries()) {
    if (versions[index]) console.log(`ok ${PARTS[key].name} ${versions[index]}`);
  }
  if (missing.length === 0) return 0;
  const names = missing.map((key) => PARTS[key].name).join(", ");
  console.error(`missing for the tests: ${names}. Try: ${await remedy(parts)}`);
  return 1;
}

/** The version that the part prints or is pinned at; `undefined` where it is missing or does not run. */
async function versionOf(key: keyof Parts, path: string | undefined): Promise<string | undefined> {
  if (!path) return undefined;
  const args = PARTS[key].versionArgs;
  if (key === "cascades" || key === "arm64Root" || key === "rtspServer") return `in ${path}`;
  if (key === "composeCheck") return GO_PROGRAMS[key].version.slice(1); // It prints none.
  if (key === "arm64Deno") return ARM64_DENO.split("==")[1];
  if (!args) return packagesOf(key).join(" ").replaceAll("==", " ");
  return (await answerOf([path, ...args])).match(/\d+(\.\d+)+/)?.[0];
}

function packagesOf(key: keyof Parts): readonly string[] {
  if (key === "awsTools") return AWS_PACKAGES;
  if (key === "homeAssistant") return homeAssistantPackages();
  if (key === "nodeRed") {
    return Object.entries(NODE_RED_PACKAGES).map(([name, version]) => `${name} ${version}`);
  }
  return key === "kubernetesTools" ? KUBERNETES_PACKAGES : PEER_PACKAGES;
}

async function remedy(parts: Parts): Promise<string> {
  const packages = await missingDebianPackages(parts);
  if (packages.length === 0) return "run ./haarlem setup --yes, with a network connection";
  if (!findProgram("apt-get")) {
    return `install what Debian calls ${packages.join(", ")}, then run ./haarlem setup --yes`;
  }
  const sudo = Deno.uid() === 0 ? "" : "sudo ";
  const install = `${sudo}apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  return `run ${sudo}apt-get update && ${install} && ./haarlem setup --yes`;
}

if (import.meta.main) {
  answerHelp("./haarlem setup [--yes]\nInstalls the real parts that the tests need; --yes asks nothing.");
  const unknown = Deno.args.find((arg) => arg !== "--yes");
  if (unknown !== undefined) {
    console.error(`setup: unknown argument "${unknown}"\nTry: run ./haarlem setup [--yes]`);
    Deno.exit(78);
  }
  Deno.exit(await setUp(Deno.args.includes("--yes")));
}
