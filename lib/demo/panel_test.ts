/** The panel of the demo as text. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { PANEL_COLUMNS, PANEL_ROWS, panelLines, type PanelView } from "./panel.ts";

const VIEW: PanelView = {
  elapsedMs: 42_900,
  cameras: [
    { name: "front", framesPerSecond: 9.96, waiting: 0 },
    { name: "yard", framesPerSecond: 10, waiting: 0 },
  ],
  cloud: { state: "up" },
  detected: 12,
  stored: 12,
  waiting: 0,
  isLate: false,
  p50Ms: 9.2,
  p95Ms: 31,
  lastMinute: [0, 1, 1, 4, 8, 4, 2, 0, 0, 1, 2, 4],
  gallery: "http://127.0.0.1:8080/",
  aimingPages: [{ camera: "front", url: "http://127.0.0.1:8081/" }, {
    camera: "yard",
    url: "http://127.0.0.1:8082/",
  }],
  footer: "q quit",
};
const CUT: PanelView = {
  ...VIEW,
  cameras: [{ ...VIEW.cameras[0], waiting: 13 }, { ...VIEW.cameras[1], waiting: 2 }],
  cloud: { state: "cut", seconds: 6 },
  detected: 27,
  waiting: 15,
  isLate: true,
};
const PLAIN = { hasColour: false, hasMarks: true };

/** The lines without their borders. */
function inner(view: PanelView): string[] {
  return panelLines(view, PLAIN).slice(1, -1).map((line) => line.slice(3, -1).trimEnd());
}

Deno.test("the panel shows the way of the faces, the receipts and the pages", () => {
  assert.deepEqual(inner(VIEW), [
    "",
    "● front 10.0 fps ─▶ outbox 0 ─┐",
    "                              ├▶ ● edge ─▶ ● cloud ─▶ stored 12",
    "● yard  10.0 fps ─▶ outbox 0 ─┘",
    "",
    "receipts 12/12  ·  p50 9 ms  ·  p95 31 ms  ·  last minute ▁▂▂▅█▅▃▁▁▂▃▅",
    "",
    "gallery http://127.0.0.1:8080/",
    "aim     front http://127.0.0.1:8081/  ·  yard http://127.0.0.1:8082/",
    "q quit",
  ]);
  assert.match(panelLines(VIEW, PLAIN)[0], /^╭─ Haarlem demo ─+ 0:42 ─╮$/);
});

Deno.test("while the cloud is cut, the panel shows which faces wait and when it is back", () => {
  assert.deepEqual(inner(CUT).slice(1, 6), [
    "● front 10.0 fps ─▶ outbox 13 ─┐",
    "                               ├▶ ● edge ─╳ ○ cloud cut, back in 6 s ─▶ stored 12",
    "● yard  10.0 fps ─▶ outbox 2─ ─┘",
    "",
    "receipts 12/27  ·  15 faces waiting, none is lost  ·  last minute ▁▂▂▅█▅▃▁▁▂▃▅",
  ]);
  assert.match(inner({ ...CUT, cloud: { state: "cut" } })[2], /cloud cut, b brings it back ─▶ stored 12$/);
  assert.match(inner({ ...CUT, cloud: { state: "mended" } })[2], /─▶ ○ cloud reconnecting ─▶ stored 12$/);
});

Deno.test("one camera has one line, and a camera without frames an open mark", () => {
  const cameras = [{ name: "camera", waiting: 1, problem: "camera: no frame for 15 s" }];
  const lines = inner({ ...VIEW, cameras, warning: "camera: no frame for 15 s" });
  assert.equal(lines[2], "○ camera    – fps ─▶ outbox 1 ─▶ ● edge ─▶ ● cloud ─▶ stored 12");
  assert.equal(lines[6], "! camera: no frame for 15 s");
});

Deno.test("every line is 92 columns wide, whatever it shows", () => {
  const long = "東門カメラ😀 no connection\x1b[2J\n".repeat(9);
  const views: PanelView[] = [
    VIEW,
    CUT,
    { ...VIEW, warning: long, footer: long, gallery: `http://${long}/`, aimingPages: [] },
    { ...CUT, cameras: [{ name: long, waiting: 123_456 }, { name: "b", waiting: 1 }], stored: 1e9 },
    { ...CUT, cameras: [{ name: long, waiting: 123_456 }], elapsedMs: 1e9 },
  ];
  for (const view of views) {
    const lines = panelLines(view, PLAIN);
    assert.equal(lines.length, PANEL_ROWS);
    for (const line of lines) {
      // The letters and the emoji of this text take two columns each.
      const width = Array.from(line).reduce((sum, letter) => sum + (letter > "\u3000" ? 2 : 1), 0);
      assert.equal(width, PANEL_COLUMNS, line);
      assert.ok(!line.includes("\x1b"), "text of others moves no cursor");
    }
    const coloured = panelLines(view, { hasColour: true, hasMarks: true });
    assert.deepEqual(coloured.map(stripVTControlCharacters), lines);
  }
});

Deno.test("a font without marks gets ASCII", () => {
  for (const line of panelLines(CUT, { hasColour: false, hasMarks: false })) {
    assert.match(line, /^[ -~]{92}$/);
  }
});
