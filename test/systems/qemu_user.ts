/** Registers qemu with the kernel, so that it runs programs of 64-bit ARM on this machine. */
import { exists } from "../../lib/testing/files.ts";
import { findParts } from "../parts.ts";

const FOLDER = "/proc/sys/fs/binfmt_misc";
/** The first 20 bytes of an ELF file for aarch64, and the mask of their significant bits. Source: elf(5), binfmt-misc of the kernel. */
const MAGIC = "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00";
const MASK =
  "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff";

/** Whether they run; registers qemu where this process may. */
export function canRunArm64(): boolean {
  const { qemuArm64 } = findParts();
  if (!qemuArm64 || Deno.uid() !== 0) return false;
  if (exists(`${FOLDER}/qemu-aarch64`) || exists(`${FOLDER}/haarlem-aarch64`)) return true;
  if (!exists(`${FOLDER}/register`)) {
    new Deno.Command("mount", { args: ["-t", "binfmt_misc", "none", FOLDER], stderr: "null" }).outputSync();
  }
  try {
    // F: the kernel keeps qemu open, so that it works in every root folder.
    Deno.writeTextFileSync(`${FOLDER}/register`, `:haarlem-aarch64:M::${MAGIC}:${MASK}:${qemuArm64}:F`);
    return true;
  } catch {
    return exists(`${FOLDER}/haarlem-aarch64`); // Another run of tests may just have registered it.
  }
}
