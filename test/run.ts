/**
 * Runs all tests, or those named: `deno task test [deno test's own arguments]`.
 * The sanitizers find what a long-running loop leaves behind; Deno 2.8 switched them off by default.
 */
const [major, minor] = Deno.version.deno.split(".").map(Number);
const sanitizers = major > 2 || minor >= 8 ? ["--sanitize-ops", "--sanitize-resources"] : [];
const root = new URL("..", import.meta.url).pathname;
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", ...sanitizers, ...Deno.args],
  cwd: root,
  stdin: "null",
}).spawn().status;
Deno.exit(code);
