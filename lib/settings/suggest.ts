/** Finds the name that was meant by a mistyped one. */

/** Maximum number of edits of a typo. */
const MAX_EDITS = 3;

/** The known name with the fewest edits from `wrong`, when more than half of the letters are right. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, edits: editDistance(wrong, name) })).sort((a, b) =>
    a.edits - b.edits
  );
  const [first] = ranked;
  const isNear = first && first.edits <= MAX_EDITS &&
    first.edits * 2 < Math.max(wrong.length, first.name.length);
  return isNear ? first.name : undefined;
}

/** Whether `wrong` is `name` with one letter too many, too few, wrong or swapped with its neighbour. */
export function isTypo(wrong: string, name: string): boolean {
  return editDistance(wrong, name) === 1;
}

/** A longer name is a typo of none of ours. The limit keeps the comparison with a thousand variables quick. */
const MAX_LENGTH = 64;

/** The optimal string alignment distance (Levenshtein's, with a swap of neighbours as one edit), row by row. */
function editDistance(a: string, b: string): number {
  if (a.length > MAX_LENGTH) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
