/** Histogram equalisation, for faces in front of a bright door (`--equalise`). */

/** Equalises a gray plane in place, as cv::equalizeHist does: each value becomes its rank, the darkest one 0. */
export function equalise(gray: Uint8Array): void {
  const histogram = new Uint32Array(256);
  for (const value of gray) histogram[value]++;
  const darkest = histogram.findIndex((count) => count > 0);
  if (darkest < 0 || histogram[darkest] === gray.length) return; // empty, or a single value
  const scale = Math.fround(255 / (gray.length - histogram[darkest]));
  const lookUp = new Uint8Array(256);
  for (let value = darkest + 1, rank = 0; value < 256; value++) {
    rank += histogram[value];
    lookUp[value] = roundToEven(Math.fround(rank * scale));
  }
  for (let at = 0; at < gray.length; at++) gray[at] = lookUp[gray[at]];
}

/** Rounds halves to even, as the processor does in OpenCV. */
function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
