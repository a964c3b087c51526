/** Prints the digest of the picture, and whether this processor multiplies and adds with one rounding. */
import { isFused, loadKernel } from "../../lib/yunet/kernel_module.ts";
import { digestOfPicture } from "../../lib/yunet/expected/picture.ts";

console.log(JSON.stringify({ isFused: isFused(loadKernel()), digest: await digestOfPicture() }));
