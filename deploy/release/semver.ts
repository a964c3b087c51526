/** Versions as Semantic Versioning 2.0.0 orders them, without build metadata. https://semver.org */

const NUMBER = "(0|[1-9]\\d*)";
const PRE_RELEASE =
  "(?:-((?:0|[1-9]\\d*|\\d*[a-zA-Z-][\\da-zA-Z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-zA-Z-][\\da-zA-Z-]*))*))?";
const VERSION = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}${PRE_RELEASE}$`);

/** Whether a text is a version such as `1.2.3` or `1.2.3-rc.1`. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Below 0 if `a` is older than `b`, 0 if both are the same, above 0 if `a` is newer. Both must be versions. */
export function compareVersions(a: string, b: string): number {
  const [, ...x] = VERSION.exec(a)!;
  const [, ...y] = VERSION.exec(b)!;
  for (let i = 0; i < 3; i++) {
    if (x[i] !== y[i]) return Number(x[i]) - Number(y[i]);
  }
  return comparePreReleases(x[3], y[3]);
}

/** A release is newer than its pre-releases; numbers are older than words; of equal parts the longer list is newer. */
function comparePreReleases(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const [x, y] = [a.split("."), b.split(".")];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] === y[i]) continue;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(x[i]), /^\d+$/.test(y[i])];
    if (isNumber && isOtherNumber) return Number(x[i]) - Number(y[i]);
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    return x[i] < y[i] ? -1 : 1;
  }
  return x.length - y.length;
}
