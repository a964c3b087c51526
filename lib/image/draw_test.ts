/** Rectangles and texts in pictures. */
import assert from "node:assert/strict";
import type { Picture } from "./crop.ts";
import { type Colour, fill, outline, textSize, write } from "./draw.ts";

const WHITE: Colour = [255, 255, 255];
const blank = (width: number, height: number): Picture => ({
  width,
  height,
  rgb: new Uint8Array(width * height * 3),
});

/** The picture as lines of text. */
function shown({ width, height, rgb }: Picture): string[] {
  return Array.from(
    { length: height },
    (_, y) => Array.from({ length: width }, (_, x) => rgb[(y * width + x) * 3] ? "#" : ".").join(""),
  );
}

Deno.test("an outline lies inside its box, solid or dashed, and is cut at the edges of the picture", () => {
  const solid = blank(6, 5);
  outline(solid, { x: 1, y: 1, width: 4, height: 3 }, { colour: WHITE, line: 1 });
  assert.deepEqual(shown(solid), ["......", ".####.", ".#..#.", ".####.", "......"]);
  const dashed = blank(12, 2);
  outline(dashed, { x: 0, y: 0, width: 12, height: 9 }, { colour: WHITE, line: 1, dashed: true });
  assert.equal(shown(dashed)[0], "###...###..#");
  const cut = blank(3, 3);
  fill(cut, { x: -5, y: 1, width: 50, height: 50 }, WHITE);
  assert.deepEqual(shown(cut), ["...", "###", "###"]);
});

Deno.test("a text is written in its size; upper case as lower case, an unknown sign as a question mark", () => {
  const written = (text: string, scale = 1) => {
    const picture = blank(textSize(text, scale).width, textSize(text, scale).height);
    write(picture, text, { x: 0, y: 0 }, { colour: WHITE, scale });
    return shown(picture);
  };
  assert.deepEqual(written("1"), ["..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###.", "....."]);
  assert.deepEqual(written("1", 2).slice(0, 2), ["....##....", "....##...."]);
  assert.deepEqual(written("A"), written("a"));
  assert.deepEqual(written("☃"), written("?"));
  assert.equal(written(" ").join("").includes("#"), false);
  const signs = "abcdefghijklmnopqrstuvwxyz0123456789.,:·-/×_";
  assert.equal(new Set(Array.from(signs, (sign) => written(sign).join())).size, Array.from(signs).length);
});
