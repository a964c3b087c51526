/** The names that an environment or a settings file shared by several programs may hold. */
import type { KnownNames } from "../settings/source.ts";
import { PROGRAMS } from "./programs.ts";
// The programs that have each setting. `deno task docs` writes it from the declarations of all programs, so that no
// program loads the others for it.
import settings from "./setting_names.json" with { type: "json" };

/** `HAARLEM_*` variables of the starter script, of the build and of the tests. */
const VARIABLES = [
  "HAARLEM_BROKER_ROOTS",
  "HAARLEM_BUILD_VERSION",
  "HAARLEM_CACHE",
  "HAARLEM_COMMIT",
  "HAARLEM_COMPILE_DENO",
  "HAARLEM_CONTAINERS",
  "HAARLEM_DEBIAN_MIRROR",
  "HAARLEM_DEBIAN_ROOT",
  "HAARLEM_DENO",
  "HAARLEM_DIST",
  "HAARLEM_EXECUTABLES",
  "HAARLEM_REQUIRE_PARTS",
  "HAARLEM_SKIPPED",
  "HAARLEM_SYSTEMS",
  "HAARLEM_SYSTEMS_TABLE",
  "HAARLEM_TEST_LIMIT_S",
  "HAARLEM_UBUNTU_MIRROR",
  "HAARLEM_UNIT",
];

export const KNOWN_NAMES: KnownNames = {
  programs: PROGRAMS.map(({ name }) => name),
  settings,
  variables: VARIABLES,
};
