/**
 * Halves a plane of bytes: a pixel becomes the mean of 2x2 pixels, rounded to nearest. The last column and row of an odd
 * size count twice.
 *
 *     upper row       a b c d e f ...       32 pixels
 *     lower row       A B C D E F ...
 *     sums in u16     a+b+A+B+2  c+d+C+D+2  ...
 *     to              sums / 4              16 pixels
 */

/**
 * Halves the rows at `from`, which lie `fromRowBytes` apart. Reads up to 31 bytes and writes up to 15 bytes behind a row;
 * what lies in the byte behind a row of odd width is overwritten.
 */
export function halveRows(
  from: usize,
  fromRowBytes: usize,
  width: i32,
  height: i32,
  to: usize,
  toRowBytes: usize,
): void {
  for (let y = 0; y < height; y += 2) {
    const lower = y + 1 < height ? from + fromRowBytes : from;
    if (width & 1) {
      repeatLast(from, width);
      repeatLast(lower, width);
    }
    halveRow(from, lower, width, to);
    from += 2 * fromRowBytes;
    to += toRowBytes;
  }
}

// @inline
function repeatLast(row: usize, width: i32): void {
  const end = row + <usize> width;
  store<u8>(end, load<u8>(end - 1));
}

function halveRow(upper: usize, lower: usize, width: i32, to: usize): void {
  for (const end = upper + <usize> width; upper < end; upper += 32, lower += 32, to += 16) {
    const left = meansOfEight(v128.load(upper), v128.load(lower));
    const right = meansOfEight(v128.load(upper, 16), v128.load(lower, 16));
    v128.store(to, i8x16.narrow_i16x8_u(left, right));
  }
}

// @inline
function meansOfEight(upper: v128, lower: v128): v128 {
  const sums = i16x8.add(i16x8.extadd_pairwise_i8x16_u(upper), i16x8.extadd_pairwise_i8x16_u(lower));
  return i16x8.shr_u(i16x8.add(sums, i16x8.splat(2)), 2);
}
