/** What goes into which executable, and nothing else. */

/** One executable. */
export interface Recipe {
  readonly name: string;
  /** The module that starts it, by its path in the project. */
  readonly entry: string;
  /** Modules that run in a thread of their own, each a bundle of its own. */
  readonly threads: readonly string[];
  /** Files and folders that it reads. */
  readonly assets: readonly string[];
  /** Packages that cannot be bundled and go in as they are. */
  readonly packages: readonly string[];
  /** The permission sets of deno.json that it has, together. */
  readonly permissions: readonly string[];
}

/**
 * Files of packages that no program loads: OpenCV's other builds (it looks for its WebAssembly beside itself), types,
 * and texts, of which `NAME.licenses.txt` has those that have to be shipped.
 */
export const NEVER_LOADED = [/^opencv-(bin|deno)\.js$/, /\.ts$/, /^types$/, /\.md$/i, /^licen[cs]e/i];

/** Other engines want the XML of what is found, ours what was made of it. */
const CASCADES = [
  "haarcascade_frontalface_default.xml",
  "haarcascade_frontalface_default.compiled",
  "haarcascade_eye.compiled",
  "LICENSE",
].map((name) => `lib/haar/cascades/${name}`);

const DETECTION: Pick<Recipe, "threads" | "assets" | "packages"> = {
  threads: ["lib/detection/pool_thread.ts"],
  assets: [...CASCADES, "lib/haar/haar.wasm.bin", "lib/camera/sample"],
  packages: ["opencv-wasm"],
};
const NOTHING: typeof DETECTION = { threads: [], assets: [], packages: [] };
const PAGE = ["lib/gallery/page"];

const single = (name: string, needs: typeof DETECTION): Recipe => ({
  name: `haarlem-${name}`,
  entry: `workers/${name}.ts`,
  permissions: [name],
  ...needs,
});

/** All executables: one for each program, and the one that is all of them. */
export const RECIPES: readonly Recipe[] = [
  single("detector", DETECTION),
  single("logger", NOTHING),
  single("forwarder", NOTHING),
  single("saver", NOTHING),
  single("gallery", { ...NOTHING, assets: PAGE }),
  {
    name: "haarlem",
    entry: "deploy/haarlem.ts",
    permissions: ["detector", "logger", "forwarder", "saver", "gallery"],
    ...DETECTION,
    assets: [...DETECTION.assets, ...PAGE],
  },
];

/** Where they run. */
export const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] as const;
export type Target = typeof TARGETS[number];
