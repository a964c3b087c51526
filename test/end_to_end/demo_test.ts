/** The demo as a newcomer runs it: in a pipe, on a terminal with its keys, with mistakes, and stopped at any time. */
import assert from "node:assert/strict";
import { sourceCommand } from "../../lib/demo/child.ts";
import { PANEL_COLUMNS } from "../../lib/demo/panel.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { descendants } from "../servers/descendants.ts";
import { needsTerminal, PseudoTerminal } from "../servers/pseudo_terminal.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

/** One face for each visit, as without the settings of the other tests. */
const VISITS = { HAARLEM_FACES: "best", HAARLEM_MOTION: "" };

/** A folder for the faces, and one for temporary files, which the demo has to leave empty. */
class Folders extends TempFolder {
  readonly store = this.at("faces");
  readonly args = ["--store", this.store, "--listen", "127.0.0.1:0", "--open", "off"];
  readonly #temporary = this.at("tmp");
  readonly env = { ...VISITS, TMPDIR: this.#temporary };

  constructor() {
    super();
    Deno.mkdirSync(this.#temporary);
  }

  /** Checks that nothing is left of a demo: of one that did not end by itself, its guard removes the rest. */
  async checkLeft(pids: readonly number[]): Promise<void> {
    await until(() => pids.every((pid) => !isRunning(pid)), "no program of the demo is left");
    await until(
      () => Array.from(Deno.readDirSync(this.#temporary)).length === 0,
      "no temporary file is left",
    );
  }

  get faces(): number {
    return Array.from(Deno.readDirSync(this.store)).flatMap(({ name, isDirectory }) =>
      isDirectory ? Array.from(Deno.readDirSync(`${this.store}/${name}`)) : []
    ).filter(({ name }) => name.endsWith(".png")).length;
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

/** The numbers of the demo's last lines. */
function summary(text: string): number[] {
  const found = /(\d+) faces? detected, (\d+) stored, 0 lost\. p50 [\d.]+ m?s, p95 .*/.exec(text);
  assert.ok(found, text);
  return [Number(found[1]), Number(found[2])];
}

Deno.test("the demo shows visits of two people, cuts the cloud once, and loses no face", async () => {
  using folders = new Folders();
  await using demo = new RunningProgram("demo", folders.args, { env: folders.env });
  await demo.printed(/gallery: http:\/\/127\.0\.0\.1:\d+\//);
  await demo.printed(/face +\d+ .* (front|yard) .*visit \d+, best/);
  await demo.printed(/cloud cut for 10 s: faces wait in their outbox/, { limitMs: 120_000 });
  await demo.printed(/cloud back: all faces that waited are stored, none is lost/);
  // For moments there are more: a detector asks the system whether its clock is right.
  const pids = await until(() => {
    const found = descendants(demo.pid);
    return found.length === 6 && found;
  }, "saver, forwarder, gallery, two detectors and the guard run");
  demo.signal("SIGINT");
  const { code, stdout } = await demo.ended();
  assert.equal(code, 0);
  const [detected, stored] = summary(stdout);
  assert.deepEqual([detected, stored], [folders.faces, folders.faces]);
  assert.match(stdout, /longest wait [\d.]+ s \(cloud cut\)\.\nfolder .*faces, \d+ new files, /);
  assert.ok(!stdout.includes("\x1b"), "a pipe gets no escape codes");
  await folders.checkLeft(pids);
});

Deno.test(
  "on a terminal the demo has a panel, and keys cut the cloud, bring it back and quit",
  needsTerminal(),
  async () => {
    using folders = new Folders();
    const command = [...sourceCommand("demo"), ...folders.args].join(" ");
    await using terminal = new PseudoTerminal(command, { columns: 100, env: folders.env });
    await terminal.wrote(/http:\/\/127/);
    const shows = (pattern: RegExp) =>
      until(
        async () => pattern.exec((await terminal.shown()).join("\n")) ?? undefined,
        `it shows ${pattern}`,
      );
    await shows(/● cloud ─▶ stored [1-9]/);
    await terminal.type("c");
    await shows(/─╳ ○ cloud cut, b brings it back/);
    await shows(/outbox [1-9][^]*face(s)? waiting, none is lost/);
    const pids = descendants(terminal.pid);
    await terminal.type("b");
    await shows(/● cloud ─▶ [^]*p95/);
    await terminal.type("q");
    assert.equal(await terminal.ended(), 0, terminal.written);
    const lines = await terminal.shown();
    const top = lines.findIndex((line) => line.startsWith("╭─ Haarlem demo ─"));
    assert.equal(
      lines.findLastIndex((line) => line.startsWith("╭─")),
      top,
      "one panel, drawn again in place",
    );
    assert.match(lines.at(-2)!, /^✓ \d+ faces detected, /);
    const [detected, stored] = summary(lines.slice(-3).join(""));
    assert.deepEqual([detected, stored], [folders.faces, folders.faces]);
    const last = (code: string) => terminal.written.lastIndexOf(code);
    assert.ok(last("\x1b[?25h") > last("\x1b[?25l"), "the cursor is back");
    await folders.checkLeft(pids);
  },
);

for (
  const { where, columns, env } of [
    { where: "on a narrow terminal", columns: 91, env: {} },
    { where: "with NO_COLOR", columns: 100, env: { NO_COLOR: "1" } },
    { where: "with TERM=dumb", columns: 100, env: { TERM: "dumb" } },
  ]
) {
  Deno.test(`${where} the demo prints lines without escape codes`, needsTerminal(), async () => {
    using folders = new Folders();
    const command = [...sourceCommand("demo"), ...folders.args].join(" ");
    await using terminal = new PseudoTerminal(command, { columns, env: { ...folders.env, ...env } });
    await terminal.wrote(/face +1 /);
    await terminal.type("\x03");
    assert.equal(await terminal.ended(), 0, terminal.written);
    assert.match(terminal.written, /\d+ faces? detected, .*\d+ new files, /s);
    assert.ok(!/╭|●/.test(terminal.written), terminal.written);
    // Where there are colours, the mark of the last lines has one.
    const codes = columns < PANEL_COLUMNS ? ["\x1b[K", "\x1b[?25l"] : ["\x1b"];
    for (const code of codes) assert.ok(!terminal.written.includes(code), terminal.written);
  });
}

Deno.test("settings in the environment do not let the demo lose faces", needsTerminal(), async () => {
  using folders = new Folders();
  const command = [...sourceCommand("demo"), ...folders.args].join(" ");
  const env = { ...folders.env, HAARLEM_OUT: folders.at("out"), HAARLEM_PRESET: "homework", NO_COLOR: "1" };
  await using terminal = new PseudoTerminal(command, { columns: 100, env });
  await terminal.wrote(/face +1 /);
  await terminal.type("c");
  await terminal.wrote(/cloud cut[^]*face +\d+ /);
  await terminal.type("b");
  await terminal.wrote(/all faces that waited are stored, none is lost/);
  await terminal.type("\x03");
  assert.equal(await terminal.ended(), 0, terminal.written);
  const [detected, stored] = summary(terminal.written);
  assert.equal(stored, detected);
});

Deno.test("after kill -9 of the demo nothing of it is left", async () => {
  using folders = new Folders();
  await using demo = new RunningProgram("demo", folders.args, { env: folders.env });
  await demo.printed(/face +\d+ /);
  const pids = descendants(demo.pid);
  await demo.kill();
  try {
    await folders.checkLeft(pids);
  } finally {
    for (const pid of pids.filter(isRunning)) Deno.kill(pid, "SIGKILL");
  }
});

Deno.test(
  "after a second Ctrl-C the terminal has its cursor, and nothing is left",
  needsTerminal(),
  async () => {
    using folders = new Folders();
    const command = [...sourceCommand("demo"), ...folders.args].join(" ");
    await using terminal = new PseudoTerminal(command, { columns: 100, env: folders.env });
    await terminal.wrote(/● .*cloud/);
    const pids = descendants(terminal.pid);
    await until(async () => {
      await terminal.type("\x03").catch(() => {});
      return descendants(terminal.pid).length === 0;
    }, "the demo ends");
    assert.ok([0, 130].includes(await terminal.ended()), terminal.written);
    assert.ok(terminal.written.lastIndexOf("\x1b[?25h") > terminal.written.lastIndexOf("\x1b[?25l"));
    await folders.checkLeft(pids);
  },
);

Deno.test("a program that fails ends the demo with its message and its exit code", async () => {
  using folders = new Folders();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const cases = [
    {
      args: ["--source", folders.at("gone.mp4")],
      code: 78,
      says: /^demo: cannot continue the demo: detector: --source ".*gone\.mp4": no such file.*\nTry: /m,
    },
    {
      args: ["--listen", `127.0.0.1:${port}`],
      code: 1,
      says:
        /^demo: cannot continue the demo: gallery: cannot listen on ".*": address already in use\nTry: set --listen/m,
    },
  ];
  for (const { args, code, says } of cases) {
    const ended = await runProgram("demo", [...folders.args, ...args], { env: folders.env });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
    await folders.checkLeft([]);
  }
});

Deno.test("wrong settings end the demo before it begins", async () => {
  using folders = new Folders();
  const cases: [string[], Record<string, string>, RegExp][] = [
    [["--listen", "8080"], {}, /^demo: --listen is "8080": should be HOST:PORT/],
    [["--listen", "0.0.0.0:0"], {}, /^demo: refusing to listen on "0\.0\.0\.0" without a token/],
    [[], { HAARLEM_TOKEN: "short" }, /^demo: HAARLEM_TOKEN has a wrong value \(not shown\): should be 16/],
    [["--source", "rtsp://"], {}, /^demo: --source has a wrong value \(not shown\): should be SCHEME:/],
    [["--store", "s3://bucket"], {}, /^demo: --store is "s3:\/\/bucket": should be a folder/],
  ];
  for (const [args, env, says] of cases) {
    const ended = await runProgram("demo", [...folders.args, ...args], { env: { ...folders.env, ...env } });
    assert.equal(ended.code, 78, ended.stderr);
    assert.match(ended.stderr, says);
    assert.equal(ended.stdout, "");
  }
  const own = { HAARLEM_GALLERY_TOKEN: "short" };
  const gallery = await runProgram("demo", [...folders.args, "--listen", "0.0.0.0:0"], {
    env: { ...folders.env, ...own },
  });
  assert.match(gallery.stderr, /demo: gallery: HAARLEM_GALLERY_TOKEN has a wrong value \(not shown\)/);
});

Deno.test("Ctrl-C while the programs start, and a second one, leave no process and no folder", async () => {
  using folders = new Folders();
  for (const signals of [["SIGINT"], ["SIGTERM"], ["SIGINT", "SIGINT"]] as const) {
    await using demo = new RunningProgram("demo", folders.args, { env: folders.env });
    const pids = await until(() => {
      const found = descendants(demo.pid);
      return found.length > 0 && found;
    }, "the first program is started");
    demo.signal(signals[0]);
    if (signals.length > 1) {
      // One that comes within half a second is the same Ctrl-C.
      await until(() => {
        demo.signal("SIGINT");
        return descendants(demo.pid).length === 0;
      }, "the second Ctrl-C ends the demo");
    }
    const { code, stderr } = await demo.ended();
    assert.ok(code === 0 || code === 130, stderr);
    await folders.checkLeft(pids);
  }
});
