/** The known name with the fewest edits from `wrong`, when there are few enough to be a slip. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, edits: editDistance(wrong, name) })).sort((a, b) =>
    a.edits - b.edits
  );
  return ranked[0] && ranked[0].edits <= Math.min(3, wrong.length - 1) ? ranked[0].name : undefined;
}

/** A longer name is no slip of any of ours, and a list of a thousand variables is compared quickly all the same. */
const MAX_LENGTH = 64;

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  if (a.length > MAX_LENGTH) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
