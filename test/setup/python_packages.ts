/** Installs the parts that are Python packages into folders of the cache, with pip. */
import { join } from "node:path";
import {
  ARM64_DENO,
  arm64DenoPath,
  AWS_PACKAGES,
  awsToolsPath,
  findParts,
  findPythons,
  homeAssistantPath,
  KUBERNETES_PACKAGES,
  kubernetesToolsPath,
  type Parts,
  PEER_PACKAGES,
  peerPackagesPath,
} from "../parts.ts";
import { HOME_ASSISTANTS } from "../home_assistants.ts";
import { answerOf, moveIntoCache, succeeds, succeedsOrTells, tell } from "./tools.ts";

/** Switches off what a user's settings of pip may hold and `--target` excludes. */
export const PIP_ENV = { PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0" };

/** The words of a pip install by the first Python that has pip. */
export async function findPip(): Promise<string[] | undefined> {
  for (const python of findPythons()) {
    const pip = [python, "-m", "pip"];
    if (await succeeds([...pip, "--version"])) {
      return [...pip, "install", "--quiet", "--disable-pip-version-check"];
    }
  }
}

/** `python` may be another Python than the one whose pip installs: all of {@link PEER_PACKAGES} are pure Python. */
export async function bringPeerPackages(scratch: string, python: string | undefined): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  tell(`install ${PEER_PACKAGES.join(", ")} with pip`);
  const version = python && (await answerOf([python, "--version"])).match(/\d+\.\d+/)?.[0];
  const forPython = version ? ["--only-binary=:all:", "--python-version", version] : [];
  const folder = join(scratch, "python-peer");
  const command = [...pip, ...forPython, "--target", folder, ...PEER_PACKAGES];
  const installed = await succeedsOrTells(command, PIP_ENV);
  if (installed && !findParts().peerPythonPath) await moveIntoCache(folder, peerPackagesPath());
}

/** PyPI has Deno for other processors too. */
export async function bringArm64Deno(scratch: string): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  tell(`install ${ARM64_DENO} for arm64 with pip`);
  const folder = join(scratch, "arm64-deno");
  const forArm = ["--no-deps", "--only-binary=:all:", "--platform", "manylinux_2_27_aarch64"];
  const installed = await succeedsOrTells([...pip, ...forArm, "--target", folder, ARM64_DENO], PIP_ENV);
  if (installed && !findParts().arm64Deno) await moveIntoCache(folder, arm64DenoPath());
}

export async function bringAwsTools(scratch: string): Promise<void> {
  tell(`install ${AWS_PACKAGES.join(", ")} with pip (half a gigabyte)`);
  await bringTools("awsTools", join(scratch, "aws-tools"), AWS_PACKAGES, awsToolsPath());
}

export async function bringKubernetesTools(scratch: string): Promise<void> {
  tell(`install ${KUBERNETES_PACKAGES.join(", ")} with pip`);
  const folder = join(scratch, "kubernetes-tools");
  await bringTools("kubernetesTools", folder, KUBERNETES_PACKAGES, kubernetesToolsPath());
}

async function bringTools(
  key: keyof Parts,
  folder: string,
  packages: readonly string[],
  path: string,
): Promise<void> {
  const pip = await findPip();
  if (!pip || !await succeedsOrTells([...pip, "--target", folder, ...packages], PIP_ENV)) return;
  // Their compiled modules fit only the Python that pip belongs to.
  await Deno.symlink(pip[0], join(folder, "python"));
  if (!findParts()[key]) await moveIntoCache(folder, path);
}

/** Home Assistant comes without its dependencies: a few of them need a compiler, and its schemas use none of those. */
export async function bringHomeAssistant(scratch: string): Promise<void> {
  const pip = await findPip();
  if (!pip) return;
  const minor = Number((await answerOf([pip[0], "--version"])).match(/3\.(\d+)/)?.[1]);
  const chosen = HOME_ASSISTANTS.find(({ python }) => minor >= python);
  if (!chosen) return tell("Home Assistant is left out: it needs Python 3.11 or newer");
  const { version, packages } = chosen;
  tell(`install Home Assistant ${version} with pip (a third of a gigabyte)`);
  const folder = join(scratch, "home-assistant");
  const itself = [...pip, "--no-deps", "--target", folder, `homeassistant==${version}`];
  if (!await succeedsOrTells(itself, PIP_ENV)) return;
  const binary = ["--only-binary=:all:", "--no-warn-conflicts", "--upgrade"];
  await bringTools("homeAssistant", folder, [...binary, ...packages], homeAssistantPath());
}
