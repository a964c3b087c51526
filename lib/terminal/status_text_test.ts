/** The status line of a terminal: marks, colours, widths. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Status } from "./status.ts";
import { lastPart, statusMessage } from "./status.ts";
import { statusText } from "./status_text.ts";
import { type Terminal, terminalOf } from "./terminal.ts";

const GOOD: Status = {
  name: "front",
  state: "good",
  parts: [
    { text: "29.9 fps" },
    { text: "3 ms", log: "search 3 ms", omit: 2 },
    { text: "12 faces" },
    { text: "0 waiting" },
    { text: "last 14:03:11", log: "last 13:03:11Z", omit: 1 },
  ],
};
const AWAY = 'camera away for 18 s: "/dev/video0" gave no frame for 15 s';
const TROUBLE: Status = {
  name: "front",
  state: "trouble",
  parts: [{ text: AWAY, state: "trouble", mayShrink: true }, { text: "17 faces" }, { text: "0 waiting" }],
};

function terminal(columns: number, more: Partial<Terminal> = {}): Terminal {
  return { hasColour: false, hasMarks: true, columns: () => columns, ...more };
}

Deno.test("the line has the mark of the state, the name and the facts", () => {
  assert.equal(
    statusText(GOOD, terminal(80)),
    "● front  29.9 fps · 3 ms · 12 faces · 0 waiting · last 14:03:11",
  );
  assert.equal(statusText(TROUBLE, terminal(100)), `○ front  ${AWAY} · 17 faces · 0 waiting`);
  assert.match(statusText({ ...GOOD, state: "warning" }, terminal(80, { hasMarks: false })), /^! front {2}/);
});

Deno.test("a narrow terminal loses the time of the last face, then the milliseconds, then the end", () => {
  assert.equal(statusText(GOOD, terminal(60)), "● front  29.9 fps · 3 ms · 12 faces · 0 waiting");
  assert.equal(statusText(GOOD, terminal(46)), "● front  29.9 fps · 12 faces · 0 waiting");
  assert.equal(statusText(GOOD, terminal(24)), "● front  29.9 fps · 12…");
});

Deno.test("a long reason is cut before the counts behind it", () => {
  const line = statusText(TROUBLE, terminal(60));
  assert.equal(line.length, 59);
  assert.match(line, /^○ front {2}camera away for 18 s.*… · 17 faces · 0 waiting$/);
});

Deno.test("no line is as wide as its terminal, whatever the width and the letters are", () => {
  const wide: Status = {
    ...TROUBLE,
    name: "東門カメラ",
    progress: 0.5,
    parts: [{ text: "顔が見える😀".repeat(9) }],
  };
  for (const status of [GOOD, TROUBLE, wide, { ...wide, progress: undefined }]) {
    for (let columns = 1; columns < 120; columns++) {
      const line = statusText(status, terminal(columns));
      // Each of these letters takes two columns.
      const width = Array.from(line).reduce((sum, letter) => sum + (letter > "\u3000" ? 2 : 1), 0);
      assert.ok(width < Math.max(2, columns), `${columns}: ${line}`);
    }
  }
});

Deno.test("colour repeats the state and is left out without colours", () => {
  const coloured = statusText(TROUBLE, terminal(100, { hasColour: true }));
  assert.ok(coloured.includes("\x1b[31m○\x1b[39m"));
  assert.equal(stripVTControlCharacters(coloured), statusText(TROUBLE, terminal(100)));
  assert.ok(!statusText(TROUBLE, terminal(100)).includes("\x1b"));
});

Deno.test("a progress is a bar in place of the mark, where there is room", () => {
  const clip: Status = {
    name: "street.mp4",
    state: "good",
    progress: 0.58,
    parts: [{ text: "58 %" }, { text: "3 s left" }],
  };
  assert.equal(
    statusText(clip, terminal(80)),
    `street.mp4  ${"━".repeat(22)}╸${"─".repeat(17)}  58 % · 3 s left`,
  );
  assert.match(statusText(clip, terminal(41)), /^street\.mp4 {2}━+╸─+ {2}58 % · 3 s left$/);
  assert.equal(statusText(clip, terminal(30)), "street.mp4  58 % · 3 s left");
  assert.match(statusText({ ...clip, progress: 1 }, terminal(80)), /━{40}/);
  assert.match(statusText({ ...clip, progress: 0 }, terminal(80)), /─{40}/);
});

Deno.test("text of others can move no cursor", () => {
  const line = statusText({ ...GOOD, name: "a\x1b[2Jb", parts: [{ text: "x\r\ny" }] }, terminal(80));
  assert.equal(line, "● a\\x1b[2Jb  x\\r\\ny");
});

Deno.test("the log has the status without marks", () => {
  assert.equal(statusMessage(GOOD), "front: 29.9 fps, search 3 ms, 12 faces, 0 waiting, last 13:03:11Z");
});

Deno.test("a pipe, TERM=dumb and no TERM have no status line, NO_COLOR has no colours", () => {
  const yes = { isTerminal: () => true };
  const size = () => ({ columns: 100 });
  assert.equal(terminalOf({ isTerminal: () => false }, { term: "xterm" }), undefined);
  for (const term of ["dumb", "", undefined]) assert.equal(terminalOf(yes, { term }), undefined);
  const plain = terminalOf(yes, { term: "xterm", noColor: true, size })!;
  assert.deepEqual([plain.hasColour, plain.hasMarks, plain.columns()], [false, true, 100]);
  assert.equal(terminalOf(yes, { term: "linux", noColor: false, size })!.hasMarks, false);
  assert.equal(terminalOf(yes, { term: "xterm", size: () => ({ columns: 0 }) })!.columns(), 80);
});

Deno.test("the time of the last face has its date after a day: local on a terminal, UTC in the log", () => {
  const face = new Date(2027, 11, 31, 23, 59, 58); // In the zone of this machine.
  const [day, time] = face.toISOString().slice(0, 19).split("T");
  const of = (agoMs: number) => lastPart(face.getTime(), face.getTime() + agoMs)[0];
  assert.deepEqual(of(86_399_999), { text: "last 23:59:58", log: `last ${time}Z`, omit: 1 });
  assert.deepEqual(of(86_400_000), {
    text: "last 2027-12-31 23:59:58",
    log: `last ${day} ${time}Z`,
    omit: 1,
  });
});
