/** What the demo shows of the messages on the board's broker and of its programs. */
import assert from "node:assert/strict";
import { writeFace } from "../face/face_file.ts";
import { formatReceipts } from "../face/receipt.ts";
import { METADATA } from "../testing/face_metadata.ts";
import { CameraWatch } from "./camera_watch.ts";
import { Display } from "./display.ts";
import { Show } from "./show.ts";

const PICTURE = { width: 2, height: 2, rgb: new Uint8Array(12) };
const face = (camera: string, sequence: number) => writeFace(PICTURE, { ...METADATA, camera, sequence });

function setUp(cameras = ["front", "yard"]) {
  const at = { nowMs: 0 };
  const lines: string[] = [];
  const link = {
    isCut: false,
    isConnected: false,
    cut: () => void (link.isCut = true),
    mend: () => void (link.isCut = false),
  };
  const display = new Display({ write: () => {}, print: (line) => lines.push(line) });
  const show = new Show(link, {
    display,
    cameras: cameras.map((name) => new CameraWatch(name)),
    cutsByItself: false,
    keys: "q quit",
    nowMs: () => at.nowMs,
  });
  return { at, lines, link, show };
}

Deno.test("a face waits in the outbox of its camera until its receipt is on the board's broker", () => {
  const { at, lines, show } = setUp();
  const [one, other] = [face("front", 1), face("yard", 2)];
  for (const { bytes } of [one, other, one]) show.onMessage("face_detection", bytes);
  const waiting = () => show.view().cameras.map((camera) => camera.waiting);
  assert.deepEqual([waiting(), show.view().detected, show.view().isLate], [[1, 1], 2, false]);
  at.nowMs = 1_500;
  assert.equal(show.view().isLate, true);
  show.onMessage("face_detection/receipt", new Uint8Array(formatReceipts([{ id: one.id }])));
  assert.deepEqual([waiting(), show.view().stored], [[0, 1], 1]);
  assert.match(lines[0], /^face {4}1 .* front +2x2 /);
  assert.equal(lines.length, 2);
  assert.match(show.summary("faces")[0], /^2 faces detected, 1 stored, 1 still waiting and removed with/);
  show.onMessage("face_detection/receipt", new Uint8Array(formatReceipts([{ id: other.id }])));
  assert.match(
    show.summary("faces")[0],
    /^2 faces detected, 2 stored, 0 lost\. p50 1\.5 s, p95 1\.5 s, longest/,
  );
  assert.match(show.summary("faces")[1], /^folder faces, 2 new files, 0\.0 MB$/);
});

Deno.test("a camera of the user has all faces, whatever its name is", () => {
  const { show } = setUp(["camera"]);
  show.onMessage("face_detection", face("porch", 1).bytes);
  assert.equal(show.view().cameras[0].waiting, 1);
});

Deno.test("a damaged picture and a foreign message do not end the demo", () => {
  const { lines, show } = setUp();
  const damaged = face("front", 1).bytes;
  damaged[damaged.length - 20] ^= 1;
  show.onMessage("face_detection", damaged);
  show.onMessage("haarlem/x/y/state", new TextEncoder().encode("{}"));
  assert.equal(show.view().detected, 0);
  assert.match(lines.join("\n"), /^demo: damaged PNG/);
});

Deno.test("the way to the cloud is shown as it is: starting, up, cut, reconnecting", () => {
  const { at, lines, link, show } = setUp();
  const state = () => {
    show.tick();
    return show.view().cloud.state;
  };
  assert.equal(state(), "starting");
  link.isConnected = true;
  assert.equal(state(), "up");
  show.cut.cut();
  link.isConnected = false;
  assert.equal(state(), "cut");
  const late = face("front", 1);
  show.onMessage("face_detection", late.bytes);
  show.cut.mend();
  assert.equal(state(), "mended");
  link.isConnected = true;
  at.nowMs = 4_000;
  show.onMessage("face_detection/receipt", new Uint8Array(formatReceipts([{ id: late.id }])));
  assert.equal(state(), "up");
  assert.deepEqual(lines.filter((line) => line.startsWith("cloud")), [
    "cloud cut: faces wait in their outbox",
    "cloud back: 1 face waiting",
    "cloud back: all faces that waited are stored, none is lost",
  ]);
  assert.match(show.summary("faces")[0], /longest wait 4\.0 s \(cloud cut\)\.$/);
});

Deno.test("a warning leaves the panel after a while", () => {
  const { at, show } = setUp();
  show.warn("forwarder", "forwarder: no connection");
  assert.equal(show.view().warning, "forwarder: no connection");
  at.nowMs = 15_000;
  assert.equal(show.view().warning, undefined);
});

Deno.test("a warning leaves the panel when its program is connected again", () => {
  const { show } = setUp();
  show.warn("forwarder", "no connection to the cloud broker: connack timeout; retrying");
  show.recovered("saver");
  assert.match(show.view().warning!, /^forwarder: no connection/);
  show.recovered("forwarder");
  assert.equal(show.view().warning, undefined);
});
