/** The sender of one service: what it sends, when, and what it leaves to a summary. */
import assert from "node:assert/strict";
import { RejectedMessageError } from "../errors.ts";
import { noticed, SenderRound } from "../testing/notify.ts";
import { ServiceError } from "./notification.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const away = async () => {
  throw new ServiceError("it is away");
};

Deno.test("a visit is sent at once, with its picture, and written before and after", async () => {
  await using round = new SenderRound();
  round.visit(1);
  await round.time.advance(0);
  assert.deepEqual(round.said, ["visit front"]);
  assert.equal(round.sent[0].text, "12:00:00");
  assert.equal(round.sent[0].picture?.bytes.length, 1);
  assert.equal(round.saves, 2);
});

Deno.test("a service that is away is tried again after delays that double up to five minutes, with jitter", async () => {
  await using round = new SenderRound();
  round.behaviour = away;
  round.visit(1);
  await round.time.advance(9 * MINUTE_MS);
  const retries = round.time.delaysMs.filter((delayMs) => delayMs !== 3_000);
  assert.ok(round.attempts >= 8 && round.attempts <= 18, `${round.attempts} attempts`);
  retries.slice(0, 8).forEach((delayMs, index) => {
    const stepMs = Math.min(1_000 * 2 ** index, 300_000);
    assert.ok(delayMs >= stepMs / 2 && delayMs <= stepMs, `retry ${index} after ${delayMs} ms`);
  });
  assert.ok(round.outages.every((reason) => reason === "it is away"));
});

Deno.test("what the service asks for is waited for, up to an hour", async () => {
  for (const [askedMs, waitedMs] of [[90_000, 90_000], [86_400_000, HOUR_MS]]) {
    await using round = new SenderRound();
    let isFirst = true;
    round.behaviour = async () => {
      if (!isFirst) return "1";
      isFirst = false;
      throw new ServiceError("too many requests", { retryAfterMs: askedMs });
    };
    round.visit(1);
    await round.time.advance(waitedMs - 1);
    assert.equal(round.attempts, 1);
    await round.time.advance(31_000);
    assert.equal(round.sent.length, 1);
  }
});

Deno.test("after an outage the old visits are one summary, and a new one is a message", async () => {
  await using round = new SenderRound();
  round.behaviour = away;
  for (let visit = 1; visit <= 100; visit++) {
    round.visit(visit, { camera: visit % 4 === 0 ? "back" : "front" });
    await round.time.advance(MINUTE_MS);
  }
  assert.equal(round.sender.waiting.visits, 100);
  round.behaviour = async () => "1";
  await round.time.advance(20 * MINUTE_MS);
  const summaries = round.sent.filter(({ event }) => event === "summary");
  const single = round.sent.filter(({ event }) => event === "visit").length;
  assert.equal(summaries.length, 1);
  assert.equal(summaries[0].summary!.visits + single, 100);
  assert.ok(single <= 10, "at most those of the last ten minutes");
  assert.match(summaries[0].text, /^from 2026-11-26 12:00:00 to 13:\d\d:00: front \d+, back \d+$/);
  round.visit(101);
  await round.time.advance(0);
  assert.equal(round.said.at(-1), "visit front");
});

Deno.test("a backlog that arrives at once is one summary, half a minute after its last face", async () => {
  await using round = new SenderRound();
  for (let visit = 1; visit <= 500; visit++) {
    round.visit(visit, { ageMs: HOUR_MS });
    if (visit % 100 === 0) await round.time.advance(20_000);
  }
  round.visit(501);
  await round.time.advance(0);
  assert.deepEqual(round.said, ["visit front"]);
  await round.time.advance(30_000);
  assert.deepEqual(round.said, ["visit front", "summary 500 visits"]);
});

Deno.test("a backlog without an end is summarised every five minutes", async () => {
  await using round = new SenderRound();
  for (let visit = 0; visit < 60; visit++) {
    round.visit(visit, { ageMs: HOUR_MS });
    await round.time.advance(10_000);
  }
  assert.ok(round.sent.length === 1 || round.sent.length === 2, `${round.sent.length}`);
});

Deno.test("a limited number of messages is sent in an hour; the rest is one summary", async () => {
  await using round = new SenderRound({ perHour: 3 });
  for (let visit = 1; visit <= 10; visit++) {
    round.visit(visit);
    await round.time.advance(1_000);
  }
  assert.deepEqual(round.said, ["visit front", "visit front", "visit front"]);
  await round.time.advance(HOUR_MS - 10_001);
  assert.equal(round.sent.length, 3);
  await round.time.advance(1_001);
  assert.deepEqual(round.said.slice(3), ["summary 7 visits"]);
});

Deno.test("in quiet hours nothing is sent, and a summary follows", async () => {
  await using round = new SenderRound();
  round.isQuiet = true;
  for (let visit = 1; visit <= 3; visit++) {
    round.visit(visit);
    await round.time.advance(HOUR_MS);
  }
  assert.deepEqual(round.said, []);
  round.isQuiet = false;
  await round.time.advance(2 * MINUTE_MS);
  assert.deepEqual(round.said, ["summary 3 visits"]);
});

Deno.test("a better picture replaces that of a waiting visit, and updates the message of a sent one", async () => {
  await using round = new SenderRound();
  let release = () => {};
  round.behaviour = ({ key }) => new Promise((resolve) => release = () => resolve(`of ${key}`));
  round.visit(1);
  await round.time.advance(0);
  round.visit(2);
  round.best(2); // It waits behind the first.
  round.best(1); // It is under way.
  release();
  await round.time.advance(0);
  release();
  await round.time.advance(0);
  release();
  await round.time.advance(0);
  assert.deepEqual(round.sent.map(({ event, key, picture }) => `${event} ${key} ${picture!.bytes.length}`), [
    "visit visit1 1",
    "visit visit2 2",
    "update visit1 2",
  ]);
  assert.equal(round.sent[2].reference, "of visit1");
});

Deno.test("no update is sent by a service that cannot, of a visit in a summary, or of an unknown visit", async () => {
  await using without = new SenderRound({ canUpdate: false });
  without.visit(1);
  await without.time.advance(0);
  without.best(1);
  await without.time.advance(MINUTE_MS);
  assert.deepEqual(without.said, ["visit front"]);
  await using round = new SenderRound();
  round.visit(1, { ageMs: HOUR_MS });
  await round.time.advance(MINUTE_MS);
  round.best(1);
  round.best(7);
  await round.time.advance(MINUTE_MS);
  assert.deepEqual(round.said, ["summary 1 visit"]);
});

Deno.test("an update whose visit failed meanwhile and went into a summary, or was rejected, is dropped", async () => {
  for (const isRejected of [false, true]) {
    await using round = new SenderRound();
    let fail = () => {};
    const error = isRejected ? new RejectedMessageError("no such text") : new ServiceError("it is away");
    round.behaviour = () => new Promise((_, reject) => fail = () => reject(error));
    round.sender.visit({ ...noticed(1), picture: undefined });
    await round.time.advance(0);
    round.best(1); // The visit is under way.
    round.isQuiet = !isRejected;
    fail();
    round.behaviour = async () => "1";
    await round.time.advance(MINUTE_MS);
    round.isQuiet = false;
    await round.time.advance(2 * MINUTE_MS);
    assert.deepEqual(round.said, isRejected ? [] : ["summary 1 visit"]);
  }
});

Deno.test("a rejected update does not count as a message", async () => {
  await using round = new SenderRound({ perHour: 2 });
  round.visit(1);
  await round.time.advance(0);
  const { behaviour } = round;
  round.behaviour = () => Promise.reject(new RejectedMessageError("it was deleted"));
  round.best(1);
  await round.time.advance(0);
  round.behaviour = behaviour;
  round.visit(2);
  await round.time.advance(0);
  assert.deepEqual(round.said, ["visit front", "visit front"]);
});

Deno.test("updates do not count as messages, and are sent in quiet hours", async () => {
  await using round = new SenderRound({ perHour: 2 });
  round.visit(1);
  await round.time.advance(0);
  round.isQuiet = true;
  round.best(1);
  await round.time.advance(0);
  assert.deepEqual(round.said, ["visit front", "update front"]);
  round.isQuiet = false;
  round.visit(2);
  await round.time.advance(0);
  assert.deepEqual(round.said, ["visit front", "update front", "visit front"]);
});

Deno.test("a rejected picture costs the picture, a rejected text the message, and neither blocks the next one", async () => {
  await using round = new SenderRound();
  round.behaviour = async ({ key, picture }) => {
    if (key === "visit2" || picture) throw new RejectedMessageError("no such thing");
    return "1";
  };
  [1, 2, 3].forEach((visit) => round.visit(visit));
  await round.time.advance(0);
  assert.deepEqual(round.sent.map(({ key }) => key), ["visit1", "visit3"]);
  assert.equal(round.rejected.length, 4);
  assert.equal(round.sender.waiting.visits, 0);
});

Deno.test("a summary that cannot be sent is sent later, with what came meanwhile", async () => {
  await using round = new SenderRound();
  round.visit(1, { ageMs: HOUR_MS });
  round.behaviour = away;
  await round.time.advance(MINUTE_MS);
  assert.ok(round.attempts > 0);
  round.visit(2, { ageMs: HOUR_MS });
  assert.equal(round.sender.waiting.visits, 2);
  round.behaviour = async () => "1";
  await round.time.advance(10 * MINUTE_MS);
  assert.deepEqual(round.said, ["summary 2 visits"]);
});

Deno.test("the queue is bounded in number and in bytes; the rest is counted", async () => {
  for (const picture of [10, 3 * 2 ** 20]) {
    await using round = new SenderRound();
    round.behaviour = away;
    for (let visit = 1; visit <= 1_000; visit++) round.visit(visit, { picture });
    await round.time.advance(0);
    assert.equal(round.sender.waiting.visits, 1_000);
    round.behaviour = async () => "1";
    await round.time.advance(5 * MINUTE_MS);
    const single = round.sent.filter(({ event }) => event === "visit").length;
    assert.ok(single <= (picture === 10 ? 16 : 3), `${single}`);
    assert.equal(round.sent.filter(({ event }) => event === "summary").length, 1);
  }
});

Deno.test("a stop ends a wait, and lets a request under way finish", async () => {
  const round = new SenderRound();
  let release = () => {};
  round.behaviour = () => new Promise((resolve) => release = () => resolve("1"));
  round.visit(1);
  round.visit(2);
  await round.time.advance(0);
  const stopped = round.stop();
  await round.time.advance(100);
  release();
  await stopped;
  assert.equal(round.sent.length, 1);
  assert.equal(round.sender.waiting.visits, 1, "the other one waits for the next run");
});
