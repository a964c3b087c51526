/** Manifests as kustomize builds them, and their validation against the schemas of Kubernetes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type CommandResult, output } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { findParts } from "../parts.ts";
import type { Manifest } from "./manifest_check.ts";

const FOLDER = inProject("deploy/k3s");
/** The newest version of kubernetes-validate, and three older ones. */
export const VERSIONS = ["1.37", "1.36", "1.35", "1.34"];
const parts = findParts();

/** The manifests that `kubectl apply -k` sends for a folder, from deploy/k3s on. */
export async function build(place: string): Promise<string> {
  return await answer(parts.kustomize!, ["build", join(FOLDER, place)]);
}

/** The same, parsed. */
export async function manifestsOf(place: string): Promise<Manifest[]> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, await build(place));
    const program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    return JSON.parse(await answer(join(parts.kubernetesTools!, "python"), ["-c", program, file]));
  } finally {
    await Deno.remove(file);
  }
}

/** Validates manifests against the schemas of one version of Kubernetes. */
export async function validate(text: string, version: string): Promise<{ code: number; said: string }> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, text);
    const args = ["-m", "kubernetes_validate.__main__", "--strict", "--kubernetes-version", version, file];
    const { code, stdout, stderr } = await runPython(join(parts.kubernetesTools!, "python"), args);
    return { code, said: stdout + stderr };
  } finally {
    await Deno.remove(file);
  }
}

/** What a program prints; throws when it fails. */
export async function answer(program: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runPython(program, args);
  assert.equal(code, 0, stderr);
  return stdout;
}

function runPython(program: string, args: string[]): Promise<CommandResult> {
  return output(program, args, { env: { PYTHONPATH: parts.kubernetesTools! } });
}
