/**
 * Where a file lies that comes with the programs, by its path in the project. Bundles keep that layout: whatever asks
 * is two folders deep there too, so the same holds in an executable.
 */
export function asset(path: string): URL {
  return new URL(`../../${path}`, import.meta.url);
}
