/** YuNet's kernel under qemu-user: its bytes on 64-bit ARM are those of this machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type BuildOptions, bundle, compile } from "../../deploy/build/executable.ts";
import type { Recipe } from "../../deploy/build/recipes.ts";
import { PICTURE_FILE } from "../../lib/yunet/expected/picture.ts";
import { run } from "../../lib/testing/command.ts";
import { ROOT } from "../../lib/testing/files.ts";
import { skipIfAny, skipUnless } from "../../lib/testing/skip.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";

const RECIPE: Recipe = {
  name: "print_yunet_digest",
  entry: "test/executables/print_yunet_digest.ts",
  threads: [],
  assets: ["lib/yunet/weights.bin", "lib/yunet/yunet.wasm.bin", PICTURE_FILE],
  packages: [],
  permissions: ["detector"],
};
const runtimes = Deno.env.get("DENORT_BIN");
const OPTIONS: BuildOptions = {
  version: "0.0.0",
  commit: "unknown",
  epoch: 0,
  compiler: Deno.env.get("HAARLEM_COMPILE_DENO") ?? Deno.execPath(),
  runtimes,
};

Deno.test(
  "YuNet's numbers on aarch64 have the committed digest",
  skipIfAny(
    needs("qemuArm64", "arm64Root"),
    skipUnless(
      runtimes !== undefined,
      "YuNet on an emulated aarch64",
      "set DENORT_BIN, see deploy/README.md",
    ),
  ),
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "digest-" });
    try {
      await bundle(RECIPE, [], join(folder, "stage"), OPTIONS);
      const file = join(folder, "print_yunet_digest");
      await compile(RECIPE, join(folder, "stage"), "aarch64-unknown-linux-gnu", file, OPTIONS);
      const { qemuArm64, arm64Root } = findParts();
      const printed = await run(qemuArm64!, [file], { env: { QEMU_LD_PREFIX: arm64Root! } });
      const digest = (await Deno.readTextFile(join(ROOT, "lib/yunet/expected/digest.txt"))).trim();
      assert.deepEqual(JSON.parse(printed), { isFused: true, digest });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
