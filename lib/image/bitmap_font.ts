/**
 * A font of 5x8 pixels for labels in pictures: lower case, digits, and the signs that reasons use. Rows 0 to 6 stand on
 * the line; row 7 is below it. Glyphs are drawn side by side, six columns apart.
 */

export const GLYPH = { width: 5, height: 8 } as const;

const DRAWN: readonly (readonly [characters: string, rows: readonly string[]])[] = [
  ["abcdefghi", [
    "      #               #         ##        #       #  ",
    "      #               #        #          #          ",
    " ###  # ##   ###   ## #  ###   #     #### # ##   ##  ",
    "    # ##  # #     #  ## #   # ###   #   # ##  #   #  ",
    " #### #   # #     #   # #####  #    #   # #   #   #  ",
    "#   # #   # #     #   # #      #    #   # #   #   #  ",
    " #### ####   ###   ####  ###   #     #### #   #  ### ",
    "                                        #            ",
  ]],
  ["jklmnopqr", [
    "   #  #      ##                                      ",
    "      #       #                                      ",
    "  ##  #  #    #   ## #  # ##   ###  # ##   ## # # ## ",
    "   #  # #     #   # # # ##  # #   # ##  # #  ## ##  #",
    "   #  ##      #   # # # #   # #   # #   # #   # #    ",
    "   #  # #     #   # # # #   # #   # ####  #  ## #    ",
    "#  #  #  #   ###  # # # #   #  ###  #      ## # #    ",
    " ##                                 #         #      ",
  ]],
  ["stuvwxyz,", [
    "       #                                             ",
    "       #                                             ",
    " ###  ###   #   # #   # #   # #   # #   # #####      ",
    "#      #    #   # #   # #   #  # #  #   #    #       ",
    " ###   #    #   # #   # # # #   #   #   #   #        ",
    "    #  #  # #  ##  # #  # # #  # #   ####  #      #  ",
    "####    ##   ## #   #    # #  #   #     # #####   #  ",
    "                                     ###         #   ",
  ]],
  ["012345678", [
    " ###    #    ###   ###     #  #####  ###  #####  ### ",
    "#   #  ##   #   # #   #   ##  #     #         # #   #",
    "#  ##   #       #     #  # #  ####  #        #  #   #",
    "# # #   #      #    ##  #  #      # ####    #    ### ",
    "##  #   #     #       # #####     # #   #   #   #   #",
    "#   #   #    #    #   #    #  #   # #   #   #   #   #",
    " ###   ###  #####  ###     #   ###   ###    #    ### ",
    "                                                     ",
  ]],
  ["9.:·-/×_?", [
    " ###                                             ### ",
    "#   #         #                   #             #   #",
    "#   #         #               #   #  #   #          #",
    " ####               #           #     # #          # ",
    "    #         #     #   #####   #      #          #  ",
    "    #   #     #                #      # #            ",
    " ###    #                      #     #   # #####  #  ",
    "                                                     ",
  ]],
];

/** Bits of each row, the leftmost pixel highest. */
const GLYPHS: ReadonlyMap<string, readonly number[]> = new Map(
  DRAWN.flatMap(([characters, rows]) =>
    Array.from(characters, (character, nth) => [character, rows.map((row) => bitsOf(row, nth * 6))] as const)
  ),
);

function bitsOf(row: string, from: number): number {
  const pixels = row.slice(from, from + GLYPH.width).padEnd(GLYPH.width);
  return parseInt(pixels.replaceAll(" ", "0").replaceAll("#", "1"), 2);
}

/** The rows of a character; those of a question mark for one that the font does not have. A space is empty. */
export function glyphOf(character: string): readonly number[] {
  if (character === " ") return [];
  return GLYPHS.get(character.toLowerCase()) ?? GLYPHS.get("?")!;
}
