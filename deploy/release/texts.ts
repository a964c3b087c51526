/** The texts that a release changes: the version, the changelog's heading, and the tags of images. Pure. */

const UNRELEASED = /^## Unreleased[ \t]*\n/im;
const RELEASED = /^## (\d\S*) - \d{4}-\d{2}-\d{2}$/gm;

/** The version in deno.json, or undefined where there is none. */
export function versionIn(config: string): string | undefined {
  return /^ {2}"version": "(.*)",$/m.exec(config)?.[1];
}

/** deno.json with another version. Its other lines keep their form. */
export function withVersion(config: string, version: string): string {
  return config.replace(/^( {2}"version": )".*",$/m, `$1"${version}",`);
}

/** The versions that the changelog has headings for, as `## 1.2.3 - 2026-12-01`. */
export function releasedIn(changelog: string): string[] {
  return Array.from(changelog.matchAll(RELEASED), ([, version]) => version);
}

/** The changes in the section `## Unreleased`, without its subheadings; undefined without such a section. */
export function unreleasedIn(changelog: string): string | undefined {
  const heading = UNRELEASED.exec(changelog);
  if (!heading) return undefined;
  const rest = changelog.slice(heading.index + heading[0].length);
  return rest.split(/^## /m)[0].replaceAll(/^### .*$/gm, "").trim();
}

/** The changelog with the unreleased changes under a heading of this version, below a new, empty section. */
export function withHeading(changelog: string, version: string, date: string): string {
  return changelog.replace(UNRELEASED, `## Unreleased\n\n## ${version} - ${date}\n`);
}

/** A compose file, its example settings, a kustomization or a README with the image tags of another version. */
export function withImageTags(text: string, from: string, to: string): string {
  const places = String.raw`haarlem-(?:board|cloud):|HAARLEM_TAG:-|HAARLEM_(?:TAG|BUILD_VERSION)=|newTag: `;
  return text.replaceAll(new RegExp(`(${places})${RegExp.escape(from)}(?![\\w.+-])`, "g"), `$1${to}`);
}
