/** Caches of Deno, for builds whose result must not depend on them. */
import { join } from "node:path";
import { run } from "../../lib/testing/command.ts";

/** The cache folder of this Deno. */
export async function denoDir(): Promise<string> {
  return JSON.parse(await run(Deno.execPath(), ["info", "--json"])).denoDir;
}

/** Makes a cache with the same packages and the bundler, without runtimes; OpenCV's package has other file times. */
export async function otherDenoDir(cache: string, folder: string): Promise<string> {
  await Deno.mkdir(join(folder, "dl"), { recursive: true });
  for await (const { name } of Deno.readDir(join(cache, "dl"))) {
    if (name.startsWith("esbuild")) await copy(join(cache, "dl", name), join(folder, "dl", name));
  }
  await copy(join(cache, "npm"), join(folder, "npm"));
  for await (const { name } of Deno.readDir(join(folder, "npm"))) {
    const files = join("npm", name, "opencv-wasm");
    await Deno.remove(join(folder, files), { recursive: true });
    await run("cp", ["-r", join(cache, files), join(folder, files)]);
  }
  return folder;
}

/** Links files where it can: packages take hundreds of megabytes. */
async function copy(from: string, to: string): Promise<void> {
  await run("cp", ["-rl", from, to]).catch(async () => {
    await Deno.remove(to, { recursive: true }).catch(() => {});
    await run("cp", ["-r", from, to]);
  });
}
