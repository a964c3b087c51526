/** The size of a camera's pictures, between damaged headers and changes. */
import assert from "node:assert/strict";
import { PictureSize } from "./picture_size.ts";

const SIZES = {
  a: { width: 64, height: 48 },
  b: { width: 96, height: 64 },
  c: { width: 112, height: 64 },
  d: { width: 128, height: 64 },
  /** Beyond the limit of frames. */
  h: { width: 8_000, height: 6_000 },
  i: { width: 8_001, height: 6_000 },
};

/** The sizes of some packets, with the ones that are decoded as capital letters. */
function decoded(packets: string): string {
  const size = new PictureSize();
  const names = Array.from(packets) as (keyof typeof SIZES)[];
  return names.map((name) => size.accept({ ...SIZES[name] }) ? name.toUpperCase() : name).join("");
}

Deno.test("a single packet of another size is damaged, a second one in a row changes the size", () => {
  assert.equal(decoded("aabaabcab"), "AAbAAbcAb");
  assert.equal(decoded("aabbba"), "AAbBBa");
});

Deno.test("sizes that change with each packet give pictures, after ten packets of other sizes", () => {
  assert.equal(decoded("aabcbcbcbcbcbcb"), "AAbcbcbcbcbCbCb");
  assert.equal(decoded("aabcdbcdbcdbcdbcd"), "AAbcdbcdbcdBcdBcd");
});

Deno.test("a size beyond the limit of frames counts only when two packets in a row have it", () => {
  assert.equal(decoded("haa"), "hAA");
  assert.equal(decoded("ahihihihihihi"), "Ahihihihihihi");
  assert.equal(decoded("hh"), "hH");
  assert.equal(decoded("ahh"), "AhH");
});

Deno.test("the size is one object until it changes", () => {
  const size = new PictureSize();
  size.accept({ ...SIZES.a });
  const before = size.current;
  size.accept({ ...SIZES.a });
  assert.equal(size.current, before);
});
