/** What a power cut, a mistake or another program may leave in the place of a file. For tests. */
import assert from "node:assert/strict";

export const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  "nothing": () => {},
  "an empty file": (path) => Deno.writeTextFileSync(path, ""),
  "zeros": (path) => Deno.writeFileSync(path, new Uint8Array(4_096)),
  "garbage that is not UTF-8": (path) =>
    Deno.writeFileSync(path, Uint8Array.from({ length: 500 }, (_, index) => 128 + index * 7)),
  "a huge file": (path) => {
    Deno.writeTextFileSync(path, "x");
    Deno.truncateSync(path, 3 * 2 ** 30);
  },
  "a folder": (path) => Deno.mkdirSync(`${path}/inside`, { recursive: true }),
  "a link to nothing": (path) => Deno.symlinkSync("/nowhere/at/all", path),
  "a link to itself": (path) => Deno.symlinkSync(path, path),
  "a pipe": (path) => assert.ok(new Deno.Command("mkfifo", { args: [path] }).outputSync().success),
  "a file without permissions": (path) => {
    Deno.writeTextFileSync(path, "?");
    Deno.chmodSync(path, 0);
  },
};
