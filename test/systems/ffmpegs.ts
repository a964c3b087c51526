/** Builds of ffmpeg from 3.4 to 9 in packages: the versions of ten years of boards, and one that is too old. */
import { dirname, join } from "node:path";
import { cachePath, findPythons } from "../parts.ts";
import { LONG, run } from "../../lib/testing/command.ts";

/** An ffmpeg for x86-64, linked statically. */
export interface FfmpegBuild {
  readonly version: string;
  /** Systems with this minor version, or with one that has the same options. */
  readonly like: string;
  /** `npm:NAME@VERSION/PATH` or `pypi:NAME==VERSION`, whose largest file it is. */
  readonly source: string;
}

export const TOO_OLD: FfmpegBuild = {
  version: "3.1",
  like: "",
  source: "npm:ffmpeg-static@2.0.0/bin/linux/x64/ffmpeg",
};

export const BUILDS: readonly FfmpegBuild[] = [
  { version: "3.4.2", like: "Ubuntu 18.04", source: "npm:ffmpeg-static@2.2.0/bin/linux/x64/ffmpeg" },
  { version: "4.2.2", like: "Ubuntu 20.04", source: "pypi:imageio-ffmpeg==0.4.8" },
  { version: "7.0.2", like: "Debian 13", source: "pypi:imageio-ffmpeg==0.6.0" },
  { version: "9.0.2", like: "the newest", source: "pypi:imageio-ffmpeg==0.8.1" },
];

/** A folder for PATH that holds this ffmpeg; fetched once. */
export async function bring({ version, source }: FfmpegBuild): Promise<string> {
  const folder = join(cachePath(), `ffmpeg-${version}`);
  if (await Deno.stat(join(folder, "ffmpeg")).then(() => true, () => false)) return folder;
  await Deno.mkdir(folder, { recursive: true });
  const part = join(folder, "ffmpeg.part");
  if (source.startsWith("npm:")) await Deno.copyFile(await npmFile(source), part);
  else await wheelFile(source.slice("pypi:".length), part);
  await Deno.chmod(part, 0o755);
  await Deno.rename(part, join(folder, "ffmpeg"));
  return folder;
}

/** The path of a package's file in Deno's cache. */
async function npmFile(source: string): Promise<string> {
  const [, name] = /^(npm:[^/]+)/.exec(source)!;
  const script = `await import("${name}/package.json", { with: { type: "json" } });
    console.log(new URL(import.meta.resolve("${source}")).pathname);`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    return (await run(Deno.execPath(), ["run", "-A", "--quiet", "--no-config", "--no-lock", file])).trim();
  } finally {
    await Deno.remove(file);
  }
}

async function wheelFile(requirement: string, to: string): Promise<void> {
  const scratch = await Deno.makeTempDir({ dir: dirname(to) });
  const script = `import glob, sys, zipfile
wheel, = glob.glob(sys.argv[1] + "/*.whl")
files = zipfile.ZipFile(wheel)
largest = max(files.infolist(), key=lambda entry: entry.file_size)
open(sys.argv[2], "wb").write(files.read(largest))`;
  try {
    const python = findPythons().at(-1)!;
    const platforms = ["2010", "2014", "_2_28"].flatMap((name) => ["--platform", `manylinux${name}_x86_64`]);
    const options = [
      "--quiet",
      "--disable-pip-version-check",
      "--no-deps",
      "--only-binary=:all:",
      ...platforms,
    ];
    await run(python, ["-m", "pip", "download", ...options, "--dest", scratch, requirement], LONG);
    await run(python, ["-c", script, scratch, to]);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
