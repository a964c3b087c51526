/**
 * The licences of everything inside an executable, as one text: of Haarlem, of its npm packages from their own files, and
 * of Deno's runtime from the folder licences/ (Deno ships no licence texts with its executables).
 */
import { join } from "node:path";
import type { BuildOptions } from "./executable.ts";
import type { UsedPackage } from "./packages.ts";
import type { Recipe } from "./recipes.ts";
import type { Runtime } from "./runtime.ts";

const ROOT = join(import.meta.dirname!, "../..");
const TEXTS = join(import.meta.dirname!, "licences");
const RULE = "=".repeat(80);

/** Names of a package's licence and notice files. */
const LICENCE_FILE = /^(un)?licen[cs]e|^copying|^notice|copyright/i;

/** A component and the file with its licence. */
interface Part {
  readonly name: string;
  readonly file: string;
}

/** The components of every runtime. The last two texts cover nearly all of its Rust packages. */
const RUNTIME: readonly Part[] = [
  { name: "Deno", file: "deno.txt" },
  { name: "V8", file: "v8.txt" },
  { name: "ICU and the data of Unicode, in V8", file: "icu.txt" },
  { name: "BoringSSL, AWS-LC and ring", file: "boringssl.txt" },
  { name: "SQLite", file: "sqlite.txt" },
  { name: "Brotli", file: "brotli.txt" },
  { name: "Zstandard", file: "zstd.txt" },
  { name: "libffi", file: "libffi.txt" },
  { name: "Little CMS", file: "lcms2.txt" },
  { name: "Rust's standard library and Rust packages under the MIT licence", file: "MIT.txt" },
  { name: "Rust packages under the Apache licence", file: "Apache-2.0.txt" },
];

/** Components inside a package that its own licence file does not cover. */
const INSIDE: Readonly<Record<string, readonly Part[]>> = {
  "opencv-wasm": [
    { name: "OpenCV, in opencv-wasm", file: "opencv.txt" },
    { name: "Emscripten's runtime, in opencv-wasm", file: "emscripten.txt" },
  ],
};

/** Third-party assets: each folder has a file LICENSE. */
const BESIDE_ASSETS: Readonly<Record<string, string>> = {
  "lib/haar/cascades": "the cascades of OpenCV",
  "lib/camera/sample": "the sample pictures",
  "lib/yunet/model": "the weights of YuNet",
};

/** The text. The same commit gives the same text. */
export async function licences(
  recipe: Recipe,
  packages: readonly UsedPackage[],
  runtime: Runtime,
  { version }: BuildOptions,
): Promise<string> {
  const texts = new Licences();
  texts.add(`Haarlem ${version}`, await Deno.readTextFile(join(ROOT, "LICENSE")));
  for (const [folder, name] of Object.entries(BESIDE_ASSETS)) {
    if (!recipe.assets.some((asset) => asset.startsWith(folder))) continue;
    texts.add(name, await Deno.readTextFile(join(ROOT, folder, "LICENSE")));
  }
  if (recipe.assets.some((asset) => asset.endsWith(".wasm.bin"))) {
    texts.add("AssemblyScript's standard library, in the kernel", await textOf("Apache-2.0.txt"));
  }
  for (const used of packages) {
    const name = `${used.name} ${used.version}`;
    for (const text of await ownTexts(used)) texts.add(name, text);
    for (const part of INSIDE[used.name] ?? []) texts.add(part.name, await textOf(part.file));
  }
  const versions: Record<string, string | undefined> = { Deno: runtime.deno, V8: runtime.v8 };
  for (const { name, file } of RUNTIME) {
    texts.add([name, versions[name]].filter(Boolean).join(" "), await textOf(file));
  }
  const heading = `${recipe.name} ${version}: licences of all components`;
  const listed = runtime.crates.length > 0 ? [crates(runtime)] : [];
  return [heading, ...listed, ...texts.sections()].join(`\n\n${RULE}\n`) + "\n";
}

/** Licence texts, each once, with the names of all components under it. */
class Licences {
  private readonly byText = new Map<string, { readonly text: string; readonly names: string[] }>();

  add(name: string, text: string): void {
    const key = text.replaceAll(/\s+/g, " ").trim();
    const found = this.byText.get(key);
    if (found) found.names.push(name);
    else this.byText.set(key, { text: text.replaceAll("\r\n", "\n").trim(), names: [name] });
  }

  sections(): string[] {
    return Array.from(this.byText.values(), ({ text, names }) => `${names.join("\n")}\n${RULE}\n\n${text}`);
  }
}

/** The package's own licence files, or else the text of the licence that its package.json names. Throws without either. */
async function ownTexts({ id, localPath }: UsedPackage): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(localPath));
  const files = entries.filter(({ name, isFile }) => isFile && LICENCE_FILE.test(name)).map(({ name }) =>
    name
  );
  if (files.length > 0) {
    return await Promise.all(files.sort().map((name) => Deno.readTextFile(join(localPath, name))));
  }
  const { license, author } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json")));
  const holder = typeof author === "string" ? author : author?.name ?? "the authors";
  try {
    return [await textOf(`${license}.txt`), `Copyright (c) ${holder}, who license it under ${license}`];
  } catch {
    throw new Error(
      `cannot collect the licence of "${id}": it has no licence file, and deploy/build/licences has no "${license}.txt"`,
    );
  }
}

function textOf(file: string): Promise<string> {
  return Deno.readTextFile(join(TEXTS, file));
}

function crates({ deno, crates }: Runtime): string {
  return [
    `The runtime of Deno ${deno} is linked with Rust packages`,
    RULE,
    "",
    "Deno publishes no list of them. These names were found in the runtime. Nearly all of these packages",
    "are under MIT or Apache-2.0, as below; https://crates.io/crates/NAME names the licence of each:",
    "",
    ...crates.map((name) => `  ${name}`),
  ].join("\n");
}
