/** Texts, times and routes of notifications. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { noticed } from "../testing/notify.ts";
import { Composer } from "./composer.ts";
import { encodedWords } from "./encoded_words.ts";
import { HourlyLimit } from "./hourly_limit.ts";
import { retryAfterMs } from "./http_post.ts";
import { LocalTime } from "./local_time.ts";
import { isQuiet, parseQuietHours } from "./quiet_hours.ts";
import { parseRoutes, servicesOf } from "./routes.ts";
import { Summary } from "./summary.ts";

Deno.test("a template is filled with the facts of a face; values in a link are encoded", () => {
  const templates = {
    title: "{camera} {visit}",
    text: "{date} {time} {score}",
    link: "https://g/?k={key}&c={camera}",
  };
  const composer = new Composer(templates, new LocalTime("Europe/Amsterdam"));
  const face = noticed(7);
  const facts = { ...face.facts, key: "2026/a b&c.png", isTimeTrusted: false };
  const { title, text, link } = composer.ofFace({ ...face, facts }, { event: "visit" });
  assert.equal(title, "front 7");
  assert.equal(text, "2026-11-26 13:00:00 unknown (the camera's clock is not set)");
  assert.equal(link, "https://g/?k=2026%2Fa%20b%26c.png&c=front");
});

Deno.test("a template with an unknown field, and an unknown time zone, are mistakes in the settings", () => {
  const time = new LocalTime("UTC");
  for (const text of ["{camra}", "{}", "{constructor}"]) {
    assert.throws(() => new Composer({ title: "", text }, time), ConfigError);
  }
  assert.throws(() => new LocalTime("Mars/Base"), ConfigError);
});

Deno.test("a summary says how many visits were where, from when to when", () => {
  const composer = new Composer({ title: "", text: "" }, new LocalTime("UTC"));
  const summary = new Summary();
  summary.addFace(noticed(1, { ageMs: 3_600_000 }));
  assert.equal(composer.ofSummary(summary.facts).text, "at 2026-11-26 11:00:00: front 1");
  summary.addFace(noticed(2, { camera: "back" }));
  summary.addFace(noticed(3, { camera: "back" }));
  const { title, text } = composer.ofSummary(summary.facts);
  assert.equal(`${title} ${text}`, "3 visits from 2026-11-26 11:00:00 to 12:00:00: back 2, front 1");
  for (let camera = 0; camera < 100; camera++) summary.addFace(noticed(4, { camera: `c${camera}` }));
  assert.equal(Object.keys(summary.facts.cameras).length, 21);
  assert.equal(Object.values(summary.facts.cameras).reduce((sum, count) => sum + count), summary.visits);
});

Deno.test("quiet hours may pass midnight, and their end is not quiet", () => {
  const night = parseQuietHours("22:00-07:30");
  const at = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const quiet = (hours: typeof night, text: string) => isQuiet(hours, at(text));
  assert.deepEqual(["22:00", "23:59", "00:00", "07:29"].map((text) => quiet(night, text)), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(["07:30", "12:00", "21:59"].map((text) => quiet(night, text)), [false, false, false]);
  const noon = parseQuietHours("12:00-13:00");
  assert.deepEqual(["11:59", "12:00", "13:00"].map((text) => quiet(noon, text)), [false, true, false]);
  for (const wrong of ["", "22-7", "24:00-07:00", "22:60-07:00", "22:00-22:00", "22:00"]) {
    assert.throws(() => parseQuietHours(wrong), /should be/);
  }
});

Deno.test("local times follow the zone, through the change of the clocks", () => {
  const time = new LocalTime("Europe/Amsterdam");
  const ms = Date.parse("2026-10-25T00:30:00Z");
  assert.equal(`${time.date(ms)} ${time.time(ms)}`, "2026-10-25 02:30:00");
  assert.equal(time.minute(ms + 3_600_000), 2 * 60 + 30, "the same hour again");
  assert.equal(time.minute(Date.parse("2026-11-26T23:00:00Z")), 0);
});

Deno.test("routes name the services of cameras", () => {
  const routes = parseRoutes(" front=ntfy,telegram  back=none *=webhook ");
  const all = ["ntfy", "webhook"] as const;
  assert.deepEqual(servicesOf(routes, "front", all), ["ntfy", "telegram"]);
  assert.deepEqual(servicesOf(routes, "back", all), []);
  assert.deepEqual(servicesOf(routes, "yard", all), ["webhook"]);
  assert.deepEqual(servicesOf(parseRoutes(""), "yard", all), all);
  for (
    const wrong of ["front", "front=", "front=smoke", "a=ntfy a=ntfy", "front=ntfy,", "b@d=ntfy", "=ntfy"]
  ) {
    assert.throws(() => parseRoutes(wrong), /should be like/, wrong);
  }
});

Deno.test("the hourly limit is a sliding window", () => {
  const limit = new HourlyLimit(2);
  limit.sent(0);
  assert.equal(limit.waitMs(0), 0);
  limit.sent(600_000);
  assert.equal(limit.waitMs(600_000), 3_000_000);
  assert.equal(limit.waitMs(3_600_000), 0);
  limit.sent(3_600_000);
  assert.equal(limit.waitMs(3_600_000), 600_000);
});

Deno.test("a header is ASCII: other text becomes encoded words of at most 75 characters", () => {
  for (const plain of ["", "Visit: front", "a~ b"]) assert.equal(encodedWords(plain), plain);
  for (const text of ["ü", "🚪".repeat(100), "=?UTF-8?B?eA==?=", "two\nlines", "a".repeat(200) + "é"]) {
    const words = encodedWords(text).split(" ");
    const bytes = words.flatMap((word) => {
      const [, base64] = /^=\?UTF-8\?B\?([\w+/=]+)\?=$/.exec(word)!;
      assert.ok(word.length <= 75);
      const part = Uint8Array.fromBase64(base64);
      new TextDecoder("utf-8", { fatal: true }).decode(part); // A word holds whole letters (RFC 2047, 5).
      return [...part];
    });
    assert.equal(new TextDecoder().decode(new Uint8Array(bytes)), text);
  }
});

Deno.test("Retry-After is read as seconds and as a date", () => {
  const of = (value: string) =>
    retryAfterMs(new Headers({ "Retry-After": value }), Date.parse("2026-11-26T12:00:00Z"));
  assert.equal(of("17"), 17_000);
  assert.equal(of("Thu, 26 Nov 2026 12:01:00 GMT"), 60_000);
  assert.equal(of("Thu, 26 Nov 2026 11:00:00 GMT"), 0);
  for (const wrong of ["soon", "-1", "1e9", "99999999999"]) assert.equal(of(wrong), undefined, wrong);
});
