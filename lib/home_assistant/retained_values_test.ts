/** Retained values at a broker that loses connections. */
import assert from "node:assert/strict";
import { RetainedValues } from "./retained_values.ts";

function broker() {
  const taken: string[] = [];
  const link = { isUp: true };
  const values = new RetainedValues(async (topic, text) => {
    await Promise.resolve();
    if (!link.isUp) throw new Error("away");
    taken.push(`${topic}=${text}`);
  });
  return { taken, link, values };
}

Deno.test("a value is published when it changes, and only then", async () => {
  const { taken, values } = broker();
  values.set("a", "1");
  values.set("b", "1");
  assert.equal(await values.send(), true);
  values.set("a", "1");
  values.set("b", "2");
  await values.send();
  assert.deepEqual(taken, ["a=1", "b=1", "b=2"]);
});

Deno.test("what the broker did not take is published by a later send", async () => {
  const { taken, link, values } = broker();
  link.isUp = false;
  values.set("a", "1");
  assert.equal(await values.send(), false);
  values.set("a", "2");
  link.isUp = true;
  assert.equal(await values.send(), true);
  assert.deepEqual(taken, ["a=2"]);
});

Deno.test("after forget() all values are published again, in the order of their topics", async () => {
  const { taken, values } = broker();
  values.set("a", "1");
  values.set("b", "1");
  values.set("a", "2");
  await values.send();
  values.forget();
  await values.send();
  assert.deepEqual(taken, ["a=2", "b=1", "a=2", "b=1"]);
});

Deno.test("a value that changes while it is published is published once more", async () => {
  const { taken, values } = broker();
  values.set("a", "1");
  const sending = values.send();
  values.set("a", "2");
  await sending;
  assert.equal(taken.at(-1), "a=2");
  assert.equal(await values.send(), true);
});

Deno.test("a value that is set at any moment of a send is published by its own send", async () => {
  for (let microtasks = 0; microtasks < 20; microtasks++) {
    const { taken, values } = broker();
    values.set("a", "1");
    void values.send();
    for (let count = 0; count < microtasks; count++) await Promise.resolve();
    values.set("a", "2");
    assert.equal(await values.send(), true);
    assert.equal(taken.at(-1), "a=2", `${microtasks} microtasks`);
  }
});
