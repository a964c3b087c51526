/** Tests that drive real parts say which; a part that is missing skips them, or fails them where all must be there. */
import { type Skip, skipIfAny, skipUnless } from "../lib/testing/skip.ts";
import { findParts, PARTS, type Parts } from "./parts.ts";

const parts = findParts();
const required = Deno.env.get("HAARLEM_REQUIRE_PARTS") === "1";

/** Options for `Deno.test`: skipped when a part is missing, unless HAARLEM_REQUIRE_PARTS=1 (as in CI). */
export function needs(...names: (keyof Parts)[]): Skip {
  return skipIfAny(
    ...names.map((name) =>
      skipUnless(
        required || parts[name] !== undefined,
        `tests that need ${PARTS[name].name}`,
        "run deno task setup",
      )
    ),
  );
}

/** The clips and pictures with known boxes that live beside the project, where they are there. */
export const MEDIA: string | undefined = folderBeside("media");

/** The homework's own programs beside the project, where they are there. */
export const PEER: string | undefined = folderBeside("peer");

function folderBeside(name: string): string | undefined {
  const path = new URL(`../../shared/${name}`, import.meta.url).pathname;
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}
