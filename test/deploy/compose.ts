/** Compose files, read by Compose's own parser. */
import { output } from "../../lib/testing/command.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { findParts } from "../parts.ts";

/** The folder of the compose files. */
export const FOLDER = "deploy/containers";
/** The user of the programs in the images. */
export const USER = 10001;

/** What the tests read of a service. */
export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly build?: { readonly target: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly host_ip?: string;
    readonly published: string;
    readonly target: number;
  }[];
  readonly volumes?: readonly {
    readonly source: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly cap_add?: readonly string[];
  readonly network_mode?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
}

/**
 * A compose file with the values of its .env.example, as JSON; with a second file that changes it, if one is given. Throws
 * what Compose's parser says of it.
 */
export async function compose(
  place: string,
  change = (text: string) => text,
  second?: string,
): Promise<string> {
  const example = await projectFile(`${FOLDER}/${place}/.env.example`);
  const values = Object.fromEntries(
    example.matchAll(/^(\w+)=(.*)$/gm).map(([, name, value]) => [name, value]),
  );
  const filled = async (name: string) =>
    (await projectFile(`${FOLDER}/${name}`)).replaceAll(
      /(?<!\$)\$\{(\w+)(:[-?])?([^}]*)\}/g,
      (_, name, kind, other) => values[name] ?? (kind === ":-" ? other : ""),
    );
  using folder = new TempFolder();
  const files = [folder.at("compose.yaml")];
  await Deno.writeTextFile(files[0], change(await filled(`${place}/compose.yaml`)));
  if (second !== undefined) {
    files.push(folder.at("second.yaml"));
    await Deno.writeTextFile(files[1], await filled(second));
  }
  const args = ["-format", "json", "-no-path-resolution", ...files];
  const { success, stdout, stderr } = await output(findParts().composeCheck!, args);
  if (!success || !stdout.startsWith("{")) throw new Error(stderr + stdout);
  return stdout;
}
