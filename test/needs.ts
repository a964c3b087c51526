/** Skips a test whose real parts are missing, or fails it where all parts are required. */
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
        "run ./haarlem setup",
      )
    ),
  );
}

/** More clips and pictures with known boxes, where they lie beside the project. No test depends on them. */
export const MEDIA: string | undefined = folderBeside("media");

function folderBeside(name: string): string | undefined {
  const path = new URL(`../../shared/${name}`, import.meta.url).pathname;
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}
