/** The contract of the bus, tested on every kind of broker. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { connected, KINDS, openTestBus, subscribed, take } from "../testing/test_bus.ts";
import type { Bus } from "./bus.ts";

for (const [kind, start, options] of KINDS) {
  const test = (sentence: string, run: (url: string) => Promise<void>) =>
    Deno.test(`${kind}: ${sentence}`, options, async () => {
      await using broker = await start();
      await run(broker.url);
    });

  for (const qos of [0, 1] as const) {
    test(`messages of 60 kB arrive whole and in order at QoS ${qos}`, async (url) => {
      await using from = openTestBus(url);
      await using to = openTestBus(url);
      await Promise.all([connected(from), connected(to)]);
      const taken = take(to, "faces", 50, qos);
      await subscribed(to);
      const payloads = Array.from({ length: 50 }, (_, index) => new Uint8Array(60_000).fill(index));
      for (const payload of payloads) await from.publish("faces", payload, { qos });
      assert.deepEqual((await taken).map(({ payload }) => payload), payloads);
    });
  }

  test("a message of 5 MB arrives whole", async (url) => {
    await using bus = openTestBus(url);
    await connected(bus);
    const taken = take(bus, "faces", 1);
    await subscribed(bus);
    const payload = new Uint8Array(5_000_000).fill(7);
    await bus.publish("faces", payload, { qos: 1 });
    assert.deepEqual((await taken)[0].payload, payload);
  });

  test("messages of other topics do not arrive", async (url) => {
    await using bus = openTestBus(url);
    await connected(bus);
    const taken = take(bus, "faces", 1);
    await subscribed(bus);
    await bus.publish("faces/receipt", Uint8Array.of(1), { qos: 1 });
    await bus.publish("faces", Uint8Array.of(2), { qos: 1 });
    assert.deepEqual(await taken, [{ topic: "faces", payload: Uint8Array.of(2), isRetained: false }]);
  });

  test("a filter takes all its topics, also with what was retained", async (url) => {
    await using bus = openTestBus(url);
    await using later = openTestBus(url);
    await Promise.all([connected(bus), connected(later)]);
    const payload = new TextEncoder().encode("kept");
    for (const topic of ["haarlem/a/b/state", "haarlem/c/d/state", "haarlem/e/state"]) {
      await bus.publish(topic, payload, { qos: 1, retain: true });
    }
    const taken = await take(later, "haarlem/+/+/state", 2);
    assert.deepEqual(taken.map(({ topic, isRetained }) => `${topic} ${isRetained}`).sort(), [
      "haarlem/a/b/state true",
      "haarlem/c/d/state true",
    ]);
    assert.deepEqual(taken[0].payload, payload);
  });

  test("retained messages are marked, new ones are not", async (url) => {
    await using from = openTestBus(url, "keeper");
    await connected(from);
    await using to = openTestBus(url);
    await connected(to);
    const status = "haarlem/test/keeper/status"; // The only retained message of a bus.
    assert.deepEqual((await take(to, status, 1)).map(({ isRetained }) => isRetained), [true]);
    const taken = take(to, "faces", 1);
    await subscribed(to);
    await from.publish("faces", Uint8Array.of(1), { qos: 1 });
    assert.equal((await taken)[0].isRetained, false);
  });

  test("the status is retained: online while connected, offline after close()", async (url) => {
    await using watcher = openTestBus(url);
    await connected(watcher);
    const bus = openTestBus(url, "worker");
    await connected(bus);
    const text = async () =>
      new TextDecoder().decode((await take(watcher, "haarlem/test/worker/status", 1))[0].payload);
    assert.equal(await text(), "online");
    await bus.close();
    assert.equal(await text(), "offline");
  });
}

Deno.test(
  "Mosquitto: clients of one group share the messages, a client without a group gets all",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    const [from, one, other, alone] = Array.from({ length: 4 }, () => openTestBus(broker.url));
    const stop = new AbortController();
    const taken: number[][] = [[], [], []];
    const hasAll = Promise.withResolvers<void>();
    const listen = async (bus: Bus, index: number, group?: string) => {
      for await (const { payload } of bus.messages("faces", { qos: 1, signal: stop.signal, group })) {
        taken[index].push(payload[0]);
        if (taken.flat().length === 80) hasAll.resolve();
      }
    };
    try {
      await Promise.all([from, one, other, alone].map(connected));
      const listening = Promise.all([listen(one, 0, "savers"), listen(other, 1, "savers"), listen(alone, 2)]);
      await Promise.all([one, other, alone].map(subscribed));
      const numbers = Array.from({ length: 40 }, (_, number) => number);
      for (const number of numbers) await from.publish("faces", Uint8Array.of(number), { qos: 1 });
      await hasAll.promise;
      assert.deepEqual(taken[2], numbers);
      assert.deepEqual([...taken[0], ...taken[1]].sort((a, b) => a - b), numbers);
      assert.ok(taken[0].length > 0 && taken[1].length > 0);
      stop.abort();
      await listening;
    } finally {
      for (const bus of [from, one, other, alone]) await bus[Symbol.asyncDispose]();
    }
  },
);
