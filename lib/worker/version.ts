import deno from "../../deno.json" with { type: "json" };
import { asset } from "../asset/asset.ts";

/** The version of all programs. */
export const VERSION: string = deno.version;

/** Written by `deno task build`; without it the program runs from its source. */
const BUILD = "lib/worker/build.json";

/** What this is: name, version, commit, Deno and the machine it is for. */
export function versionLine(name?: string): string {
  const what = ["haarlem", name, VERSION].filter(Boolean).join(" ");
  return `${what} (${commit()}, Deno ${Deno.version.deno}, ${Deno.build.target})`;
}

function commit(): string {
  try {
    return `commit ${JSON.parse(Deno.readTextFileSync(asset(BUILD))).commit}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "from source";
    if (error instanceof Deno.errors.NotCapable) return "commit unknown"; // See lib/asset.
    throw error;
  }
}
