/** The code base keeps its form: sizes, first comments, paths in texts, names, words, and commit subjects. */
import assert from "node:assert/strict";
import { basename, dirname } from "node:path";
import { output } from "../../lib/testing/command.ts";
import { skipUnless } from "../../lib/testing/skip.ts";
import { exists, inProject, projectFile, ROOT } from "../../lib/testing/files.ts";
import { isTest, PATHS, type Source, SOURCES, typeScript } from "./sources.ts";

const MAX_LINES = 300;
const MAX_SUBJECT = 72;
/** Subjects of earlier commits are not checked. */
const SUBJECTS_SINCE = "2026-11-26T14:00:00Z";

/** Words that are never right in a text of this project, with what to write instead. */
const AVOIDED: Readonly<Record<string, string>> = {
  "so (?:many|long|often)\\b(?! (?:as|that))": "name the quantity",
  "who comes by": "each person that passes the camera",
  "whoever": "name the person or the client",
  "gives? way": "is evicted",
  "anew": "again",
  "(?:is|are) told\\b(?! apart)": "say what happens",
  "for (?:ever|good)": "permanently, without limit",
  "passed over": "skipped",
  "the homework": "describe the behaviour",
};

/** All comments of a TypeScript source. */
function commentsOf(text: string): string[] {
  return text.match(/\/\*.*?\*\/|(?<![:\w"'`\\/])\/\/[^\n]*/gs) ?? [];
}

/** The comments and the string literals of a TypeScript source. */
function wordsOf(text: string): string {
  const strings = text.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return [...commentsOf(text), ...strings].join("\n");
}

Deno.test(`no file in lib, workers, test and bench has more than ${MAX_LINES} lines`, () => {
  const long = typeScript("lib", "workers", "test", "bench")
    .filter(({ text }) => text.trimEnd().split("\n").length > MAX_LINES);
  assert.deepEqual(long.map(({ path }) => path), []);
});

Deno.test("every file begins with a comment that says what it holds", () => {
  const bare = typeScript("lib", "workers", "test", "bench", "deploy")
    .filter(({ text }) => !/^(#!.*\n)?\s*\/[/*]/.test(text));
  assert.deepEqual(bare.map(({ path }) => path), []);
});

/** A path in a text: a folder of the project's top level and what follows, without what stands for other words. */
const PATH = /(?<![\w/.$}:@-])(?:lib|test|workers|deploy|docs|bench|\.ci)\/[\w./-]*\w/g;
/** Texts whose paths are not the project's, or of its past. */
const PAST = /^(CHANGELOG\.md|docs\/decisions\/|test\/homework\/)/;
/** Resource names of Kubernetes, which look like paths. */
const RESOURCE = /^deploy\/(saver|detector|logger|forwarder|gallery)$/;

Deno.test("paths named in comments and Markdown exist", () => {
  const missing = SOURCES.filter(({ path }) => /\.(ts|md)$/.test(path) && !PAST.test(path))
    .flatMap(({ path, text }) => {
      const words = path.endsWith(".md") ? text : commentsOf(text).join("\n");
      return (words.match(PATH) ?? []).filter((named) => !isKnownPath(named)).map((named) =>
        `${path}: ${named}`
      );
    });
  assert.deepEqual(missing, []);
});

/** Of `deploy/systemd/haarlem-*.service` the beginning up to the star is known. */
function isKnownPath(named: string): boolean {
  return PATHS.has(named) || RESOURCE.test(named) ||
    Array.from(PATHS).some((path) => path.startsWith(`${named}-`));
}

Deno.test("files named in comments of lib exist", () => {
  const names = new Set(Array.from(PATHS, (path) => basename(path)));
  const missing = typeScript("lib", "workers").flatMap(({ path, text }) =>
    (commentsOf(text).join("\n").match(/(?<![\w/.*-])[a-z]\w*\.ts\b/g) ?? [])
      .filter((name) => !names.has(name)).map((name) => `${path}: ${name}`)
  );
  assert.deepEqual(missing, []);
});

Deno.test("no two files of a folder export a type of the same name", () => {
  const owners = new Map<string, string>();
  const twice: string[] = [];
  for (const { path, text } of typeScript("lib", "workers", "deploy", "bench", "test")) {
    for (const [, name] of text.matchAll(/^export (?:abstract )?(?:interface|class|type|enum) (\w+)/gm)) {
      const key = `${dirname(path)} ${name}`;
      if (owners.has(key)) twice.push(`${name}: ${owners.get(key)} and ${path}`);
      owners.set(key, path);
    }
  }
  assert.deepEqual(twice, []);
});

Deno.test("comments and strings avoid the words that are never right", () => {
  const found = typeScript("lib", "workers", "test", "bench", "deploy")
    .filter(({ path }) => !path.startsWith("test/tidy/")).flatMap(avoidedIn);
  assert.deepEqual(found, []);
});

function avoidedIn({ path, text }: Source): string[] {
  const words = wordsOf(text);
  return Object.entries(AVOIDED).flatMap(([avoided, instead]) =>
    Array.from(
      words.matchAll(new RegExp(`\\b${avoided}\\b`, "gi")),
      ([found]) => `${path}: "${found}"; ${instead}`,
    )
  );
}

Deno.test(
  `subjects of commits have at most ${MAX_SUBJECT} characters`,
  skipUnless(
    exists(inProject(".git")),
    "the subjects of commits",
    "run the tests in a checkout",
  ),
  async () => {
    const args = ["log", "--no-merges", `--since=${SUBJECTS_SINCE}`, "--format=%s"];
    const { success, stdout } = await output("git", args, { cwd: ROOT });
    if (!success) return; // A checkout without git, or of another user.
    const subjects = stdout.split("\n");
    assert.deepEqual(subjects.filter((subject) => subject.length > MAX_SUBJECT), []);
  },
);

Deno.test("a test is left out for a reason that is printed", () => {
  const silent = SOURCES.filter(({ path, text }) =>
    path !== "lib/testing/skip.ts" && /(?<!-)\bignore: (?!boolean\b)/.test(text) && /Deno\.test/.test(text)
  );
  assert.deepEqual(silent.map(({ path }) => path), []);
});

Deno.test("AbortSignal.any() has a timeout among its signals; others are joined by lib/async/either.ts", () => {
  const lines = typeScript("lib", "workers").filter((source) => !isTest(source))
    .flatMap(({ path, text }) => text.split("\n").map((line) => ({ path, line })));
  const lost = lines.filter(({ line }) => /AbortSignal\.any\(\[/.test(line) && !/timeout|limit/i.test(line));
  assert.deepEqual(lost, []);
});

Deno.test("the CI script runs every folder that has tests", async () => {
  const script = await projectFile(".ci/run");
  const folders = new Set(
    SOURCES.filter(({ path }) => path.endsWith("_test.ts"))
      .map(({ path }) =>
        path.startsWith("test/") ? path.split("/").slice(0, 2).join("/") : path.split("/")[0]
      ),
  );
  const others = [...folders].filter((folder) => folder !== "test/tidy"); // ./haarlem check runs it.
  assert.deepEqual(others.filter((folder) => !new RegExp(`run_tests .*\\b${folder}\\b`).test(script)), []);
});
