/** Caches of Deno for builds that must not depend on them. */
import assert from "node:assert/strict";
import { join } from "node:path";

/** Where this Deno keeps what it fetched. */
export async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** A cache with the same packages and the bundler, without runtimes; OpenCV's has other times. */
export async function otherDenoDir(cache: string, folder: string): Promise<string> {
  await Deno.mkdir(join(folder, "dl"), { recursive: true });
  for await (const { name } of Deno.readDir(join(cache, "dl"))) {
    if (name.startsWith("esbuild")) await copy(join(cache, "dl", name), join(folder, "dl", name));
  }
  await copy(join(cache, "npm"), join(folder, "npm"));
  for await (const { name } of Deno.readDir(join(folder, "npm"))) {
    const files = join("npm", name, "opencv-wasm");
    await Deno.remove(join(folder, files), { recursive: true });
    await cp("-r", join(cache, files), join(folder, files));
  }
  return folder;
}

/** Links files where it can: packages take hundreds of megabytes. */
async function copy(from: string, to: string): Promise<void> {
  await cp("-rl", from, to).catch(async () => {
    await Deno.remove(to, { recursive: true }).catch(() => {});
    await cp("-r", from, to);
  });
}

async function cp(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("cp", { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
