/** The contents of each executable. */
import { SERVICES, SHIPPED, type ShippedName } from "../../lib/program/programs.ts";

/** One executable. */
export interface Recipe {
  readonly name: string;
  /** The module that starts it, by its path in the project. */
  readonly entry: string;
  /** Modules that run in their own threads, each as a separate bundle. */
  readonly threads: readonly string[];
  /** Files and folders that it reads at run time. */
  readonly assets: readonly string[];
  /** Packages that cannot be bundled and are included as they are. */
  readonly packages: readonly string[];
  /** The permission sets of deno.json whose union it gets. */
  readonly permissions: readonly string[];
}

/**
 * Files of packages that no program loads: OpenCV's other builds, types, and texts. The licence texts are in
 * `NAME.licenses.txt`.
 */
export const NEVER_LOADED = [/^opencv-(bin|deno)\.js$/, /\.ts$/, /^types$/, /\.md$/i, /^licen[cs]e/i];

/** OpenCV reads the XML of the face cascade; the project's engine reads the compiled files. */
const CASCADES = [
  "haarcascade_frontalface_default.xml",
  "haarcascade_frontalface_default.compiled",
  "haarcascade_eye.compiled",
  "LICENSE",
].map((name) => `lib/haar/cascades/${name}`);

/** YuNet's kernel and weights. */
const NETWORK = ["yunet.wasm.bin", "weights.bin", "model/LICENSE"].map((name) => `lib/yunet/${name}`);

const DETECTION: Pick<Recipe, "threads" | "assets" | "packages"> = {
  threads: ["lib/detection/pool_thread.ts"],
  assets: [...CASCADES, "lib/haar/haar.wasm.bin", ...NETWORK, "lib/camera/sample"],
  packages: ["opencv-wasm"],
};
/** The aiming page of the detector. It shares files with the gallery's page. */
const AIMING = {
  threads: ["lib/preview/picture_thread.ts"],
  assets: ["lib/preview/page", "lib/gallery/page"],
};
const NOTHING: typeof DETECTION = { threads: [], assets: [], packages: [] };

/** Files and packages of programs, besides their code. Programs that are not listed need none. */
const NEEDS: Readonly<Partial<Record<ShippedName, typeof DETECTION>>> = {
  detector: {
    ...DETECTION,
    threads: [...DETECTION.threads, ...AIMING.threads],
    assets: [...DETECTION.assets, ...AIMING.assets],
  },
  gallery: { ...NOTHING, assets: ["lib/gallery/page"] },
};
const allOf = (kind: keyof typeof DETECTION) => [
  ...new Set(Object.values(NEEDS).flatMap((needs) => needs[kind])),
];

/** All executables: one for each service, and one that contains all programs. */
export const RECIPES: readonly Recipe[] = [
  ...SERVICES.map(({ name }) => ({
    name: `haarlem-${name}`,
    entry: `workers/${name}.ts`,
    permissions: [name],
    ...NOTHING,
    ...NEEDS[name],
  })),
  {
    name: "haarlem",
    entry: "deploy/haarlem.ts",
    permissions: SHIPPED.map(({ name }) => name),
    threads: allOf("threads"),
    assets: allOf("assets"),
    packages: allOf("packages"),
  },
];

/** The machines that the executables run on. */
export const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] as const;
export type Target = typeof TARGETS[number];
