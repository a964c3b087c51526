import deno from "../deno.json" with { type: "json" };
import { asset } from "./assets.ts";

/** Written by `deno task build`; without it the program runs from its source. */
const BUILD = "lib/program/build.json";

/** What `deno task build` notes inside an executable. */
interface Build {
  readonly version: string;
  readonly commit: string;
}

const build = readBuild();

/** The version of all programs: `0.1.0`, or with the commit's time and hash between two releases. */
export const VERSION: string = typeof build === "object" ? build.version : deno.version;

/** What this is: name, version, commit, Deno and the machine it is for. */
export function versionLine(name?: string): string {
  const what = ["haarlem", name, VERSION].filter(Boolean).join(" ");
  const origin = typeof build === "object" ? `commit ${build.commit}` : build;
  return `${what} (${origin}, Deno ${Deno.version.deno}, ${Deno.build.target})`;
}

function readBuild(): Build | string {
  try {
    return JSON.parse(Deno.readTextFileSync(asset(BUILD)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "from source";
    if (error instanceof Deno.errors.NotCapable) return "commit unknown"; // See lib/asset.
    throw error;
  }
}
