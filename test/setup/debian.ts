/** Installs Debian packages where this user may. */
import { findProgram, GO_KEYS, PART_KEYS, PARTS, type Parts } from "../parts.ts";
import { findGo } from "./go_programs.ts";
import { findPip } from "./python_packages.ts";
import { succeeds, succeedsOrTells, tell } from "./tools.ts";

/** The Debian packages of the missing parts, and of the tools that the other missing parts need. */
export async function missingDebianPackages(parts: Parts): Promise<string[]> {
  const packages = PART_KEYS.filter((key) => !parts[key]).map((key) => PARTS[key].debian)
    .filter((name) => name !== undefined);
  const needsGo = GO_KEYS.some((key) => !parts[key]) && !await findGo();
  const needsPip = !parts.peerPythonPath || !parts.awsTools || !parts.kubernetesTools ||
    !parts.arm64Deno || needsGo;
  if (needsPip && !await findPip()) packages.push("python3-pip");
  return [...new Set(packages)];
}

/** Installs packages without a password prompt; without apt-get or the right to use it, does nothing. */
export async function installDebianPackages(packages: readonly string[]): Promise<void> {
  const aptGet = findProgram("apt-get");
  const asRoot = await rootPrefix();
  if (!aptGet || !asRoot) return;
  tell(`install the Debian packages ${packages.join(", ")}`);
  const command = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", aptGet, "-qq", ...PATIENT];
  await succeedsOrTells([...command, "update"]);
  await succeedsOrTells([...command, "install", "-y", "--no-install-recommends", ...packages]);
}

/** Another apt-get may run, and a mirror may fail once. */
const PATIENT = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];

/** The command that runs another one as root without a password prompt; `undefined` where there is none. */
async function rootPrefix(): Promise<string[] | undefined> {
  if (Deno.uid() === 0) return [];
  return await succeeds(["sudo", "-n", "true"]) ? ["sudo", "-n"] : undefined;
}
