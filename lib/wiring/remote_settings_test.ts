/** Settings that are changed while the detector runs. */
import assert from "node:assert/strict";
import type { Settings } from "../settings/declare.ts";
import { DETECTION_SETTINGS } from "./detection.ts";
import { RemoteSettings, type SearchValues } from "./remote_settings.ts";
import { SELECTION_SETTINGS } from "./selection.ts";

/** The defaults, and some given values. */
function settingsOf(given: Partial<SearchValues> = {}): SearchValues {
  const declared: Settings = { ...DETECTION_SETTINGS, ...SELECTION_SETTINGS };
  const defaults = Object.entries(declared).map(([name, { fallback, parse }]) => [
    name,
    fallback === undefined ? undefined : parse(fallback),
  ]);
  return { ...Object.fromEntries(defaults), ...given };
}

Deno.test("a change is checked as the setting is, alone and with the others", async () => {
  const remote = new RemoteSettings(settingsOf({ maxSize: 100 }));
  assert.equal(await remote.change("min-size", "60"), true);
  assert.equal(remote.values.minSize, 60);
  const wrong: [string, string, RegExp][] = [
    ["min-size", "-1", /min-size to "-1": should be a whole number from 0 to 10000/],
    ["min-size", "", /whole number/],
    ["min-size", "101", /--max-size 100 is smaller than --min-size 101/],
    ["min-neighbors", "1.5", /whole number/],
    ["eyes", "maybe", /should be one of on, off/],
    ["detecting", "ON", /should be one of on, off/],
    ["visit-gap", "1".repeat(1_000), /at most 32 characters/],
  ];
  for (const [name, text, reason] of wrong) await assert.rejects(remote.change(name, text), reason, name);
  assert.deepEqual(remote.changes, { "min-size": "60" });
});

Deno.test("only the listed settings can be changed, and of them only those that the engine uses", async () => {
  const remote = new RemoteSettings(settingsOf());
  for (const name of ["broker", "state", "source", "min-score", "minSize", "__proto__", "", "camera"]) {
    await assert.rejects(remote.change(name, "1"), /is no setting that may be changed/, name);
  }
  const names = (settings: SearchValues) => new RemoteSettings(settings).adjustable.map(({ name }) => name);
  const haar = ["min-size", "max-size", "min-neighbors", "visit-gap", "visit-still", "eyes"];
  assert.deepEqual(names(settingsOf()), haar);
  assert.ok(names(settingsOf({ engine: "yunet" })).includes("min-score"));
  assert.deepEqual(names(settingsOf({ faces: "every" })), ["min-size", "max-size", "min-neighbors", "eyes"]);
});

Deno.test("the texts show the values in force, also where a setting has no value of its own", async () => {
  const remote = new RemoteSettings(settingsOf({ minSize: 40 }));
  await remote.change("visit-gap", "2.50");
  await remote.change("detecting", "off");
  assert.deepEqual(remote.texts, {
    detecting: "off",
    "min-size": "40",
    "max-size": "0",
    "min-neighbors": "5",
    "visit-gap": "2.5",
    "visit-still": "60",
    eyes: "off",
  });
  assert.deepEqual([remote.detecting, remote.values.visitGap, remote.values.minSize], [false, 2.5, 40]);
});

Deno.test("a change to the same value changes nothing, and a change can be forgotten", async () => {
  const remote = new RemoteSettings(settingsOf());
  assert.equal(await remote.change("min-size", "0"), false);
  assert.equal(await remote.change("min-size", "50"), true);
  assert.equal(await remote.change("min-size", "50.0"), false);
  assert.equal(remote.reset("min-size"), true);
  assert.equal(remote.reset("min-size"), false);
  assert.equal(remote.values.minSize, 0);
});

Deno.test("the range of each number is the one of its setting", () => {
  const [minSize] = new RemoteSettings(settingsOf()).adjustable;
  assert.deepEqual(minSize.range, { min: 0, max: 10_000, fraction: undefined, unit: "pixels" });
});
