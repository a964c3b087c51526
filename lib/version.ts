/** The version of all programs. */
import deno from "../deno.json" with { type: "json" };
import { asset } from "./assets.ts";

/** Written by `deno task build` into each executable; absent when a program runs from its source. */
const BUILD = "lib/program/build.json";

/** The content of that file. */
interface Build {
  readonly version: string;
  readonly commit: string;
}

const build = readBuild();

/** The version of all programs: `0.1.0`, or with the commit's time and hash between two releases. */
export const VERSION: string = typeof build === "object" ? build.version : deno.version;

/** Name, version, commit, Deno and the machine it was built for: the answer to `--version`. */
export function versionLine(name?: string): string {
  const what = ["haarlem", name, VERSION].filter(Boolean).join(" ");
  const origin = typeof build === "object" ? `commit ${build.commit}` : build;
  return `${what} (${origin}, Deno ${Deno.version.deno}, ${Deno.build.target})`;
}

/** The build, or where else the program comes from. */
function readBuild(): Build | string {
  try {
    return JSON.parse(Deno.readTextFileSync(asset(BUILD)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "from source";
    if (error instanceof Deno.errors.NotCapable) return "commit unknown"; // readAsset() explains when.
    throw error;
  }
}
