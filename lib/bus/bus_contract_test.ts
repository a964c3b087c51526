/** One suite for the bus on every kind of broker. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { CutLink } from "../../test/servers/cut_link.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { Backoff } from "../async/backoff.ts";
import type { Bus, LinkChange, Message, QoS } from "./bus.ts";
import { startEmbeddedBroker } from "../demo/embedded_broker.ts";
import { openMqttBus } from "./mqtt_bus.ts";

const KINDS: [string, () => Promise<AsyncDisposable & { url: string }>, { ignore?: boolean }][] = [
  ["Mosquitto", () => Mosquitto.start(), needs("mosquitto")],
  ["the embedded broker", startEmbeddedBroker, {}],
];

let clients = 0;

interface TestBus extends Bus, AsyncDisposable {
  readonly changes: LinkChange[];
}

function open(url: string, name = `client-${++clients}`): TestBus {
  const changes: LinkChange[] = [];
  const bus = openMqttBus({
    url: new URL(url),
    clientId: name,
    statusTopic: `haarlem/test/${name}/status`,
    backoff: new Backoff({ firstMs: 50, maxMs: 200 }),
    onLink: (change) => changes.push(change),
  });
  return Object.assign(bus, { changes, [Symbol.asyncDispose]: () => bus.close() });
}

async function take(bus: Bus, topic: string, count: number, qos: QoS = 1): Promise<Message[]> {
  const enough = new AbortController();
  const messages: Message[] = [];
  for await (const message of bus.messages(topic, { qos, signal: enough.signal })) {
    if (messages.push(message) === count) break;
  }
  return messages;
}

/** A subscription is asked for when the stream is first taken from; give it time to reach the broker. */
const subscribed = () => new Promise((resolve) => setTimeout(resolve, 100));
const never = new AbortController().signal;

for (const [kind, start, options] of KINDS) {
  const test = (sentence: string, run: (url: string) => Promise<void>) =>
    Deno.test(`${kind}: ${sentence}`, options, async () => {
      await using broker = await start();
      await run(broker.url);
    });

  for (const qos of [0, 1] as const) {
    test(`messages of 60 kB come whole and in order at QoS ${qos}`, async (url) => {
      await using from = open(url);
      await using to = open(url);
      await Promise.all([from.ready({ signal: never }), to.ready({ signal: never })]);
      const taken = take(to, "faces", 50, qos);
      await subscribed();
      const payloads = Array.from({ length: 50 }, (_, index) => new Uint8Array(60_000).fill(index));
      for (const payload of payloads) await from.publish("faces", payload, { qos });
      assert.deepEqual((await taken).map(({ payload }) => payload), payloads);
    });
  }

  test("a message larger than most pictures comes whole", async (url) => {
    await using bus = open(url);
    await bus.ready({ signal: never });
    const taken = take(bus, "faces", 1);
    await subscribed();
    const payload = new Uint8Array(5_000_000).fill(7);
    await bus.publish("faces", payload, { qos: 1 });
    assert.deepEqual((await taken)[0].payload, payload);
  });

  test("other topics are not heard", async (url) => {
    await using bus = open(url);
    await bus.ready({ signal: never });
    const taken = take(bus, "faces", 1);
    await subscribed();
    await bus.publish("faces/receipt", Uint8Array.of(1), { qos: 1 });
    await bus.publish("faces", Uint8Array.of(2), { qos: 1 });
    assert.deepEqual(await taken, [{ topic: "faces", payload: Uint8Array.of(2), isRetained: false }]);
  });

  test("what the broker kept from earlier is told apart from what is new", async (url) => {
    await using from = open(url, "keeper");
    await from.ready({ signal: never });
    await using to = open(url);
    await to.ready({ signal: never });
    const status = "haarlem/test/keeper/status"; // The one thing that a bus publishes retained.
    assert.deepEqual((await take(to, status, 1)).map(({ isRetained }) => isRetained), [true]);
    const taken = take(to, "faces", 1);
    await subscribed();
    await from.publish("faces", Uint8Array.of(1), { qos: 1 });
    assert.equal((await taken)[0].isRetained, false);
  });

  test("status is retained, online while there and offline after a goodbye", async (url) => {
    await using watcher = open(url);
    await watcher.ready({ signal: never });
    const bus = open(url, "worker");
    await bus.ready({ signal: never });
    const text = async () =>
      new TextDecoder().decode((await take(watcher, "haarlem/test/worker/status", 1))[0].payload);
    assert.equal(await text(), "online");
    await bus.close();
    assert.equal(await text(), "offline");
  });
}

Deno.test(
  "a bus whose broker goes away gives one reason for every attempt, rejects publishing and comes back",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using bus = open(broker.url);
    await bus.ready({ signal: never });
    const taken = take(bus, "faces", 1);
    await subscribed();
    await broker.kill();
    while (bus.connected) await subscribed();
    await assert.rejects(bus.publish("faces", Uint8Array.of(1), { qos: 1 }), /not connected/);
    await new Promise((resolve) => setTimeout(resolve, 800));
    await broker.start();
    await bus.ready({ signal: never });
    await bus.publish("faces", Uint8Array.of(2), { qos: 1 });
    assert.deepEqual((await taken)[0].payload, Uint8Array.of(2));
    const reasons = bus.changes.flatMap((change) => change.up ? [] : [change.reason]);
    const refusals = reasons.filter((reason) => /nothing listens/.test(reason));
    assert.ok(refusals.length > 1, JSON.stringify(bus.changes));
    assert.equal(new Set(refusals).size, 1, JSON.stringify(bus.changes));
  },
);

Deno.test("a publish under way when the link is cut is rejected", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start();
  await using link = new CutLink(broker.port);
  await using bus = open(`mqtt://127.0.0.1:${link.port}`);
  await bus.ready({ signal: never });
  broker.signal("SIGSTOP");
  const published = bus.publish("faces", new Uint8Array(1_000), { qos: 1 });
  const rejected = assert.rejects(published);
  link.cut();
  await rejected;
  broker.signal("SIGCONT");
});

Deno.test("closing while no broker is there takes no time", async () => {
  const bus = open("mqtt://127.0.0.1:9");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await bus.close();
});

Deno.test("a broker that wants a password says so", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ anonymous: false });
  await using bus = open(broker.url);
  while (bus.changes.length === 0) await subscribed();
  assert.deepEqual(bus.changes[0], { up: false, reason: "the broker refuses the user name or password" });
});

Deno.test(
  "ready() waits for a broker that was not there when it was called",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start({ started: false });
    await using bus = open(broker.url);
    const ready = bus.ready({ signal: never });
    while (bus.changes.length === 0) await subscribed();
    await broker.start();
    await ready;
    assert.equal(bus.connected, true);
  },
);

Deno.test(
  "two of one name live side by side, and the one that stays says so again",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using watcher = open(broker.url);
    const [stays, leaves] = ["a", "b"].map((id) => {
      const changes: LinkChange[] = [];
      const options = { url: new URL(broker.url), statusTopic: "haarlem/board/logger/status" };
      return {
        changes,
        bus: openMqttBus({ ...options, clientId: id, onLink: (change) => changes.push(change) }),
      };
    });
    await Promise.all([watcher, stays.bus, leaves.bus].map((bus) => bus.ready({ signal: never })));
    await subscribed();
    await leaves.bus.close();
    await subscribed();
    const [{ payload }] = await take(watcher, "haarlem/board/logger/status", 1);
    assert.equal(new TextDecoder().decode(payload), "online");
    assert.equal(stays.changes.length, 1, "never thrown out");
    await stays.bus.close();
  },
);

Deno.test(
  "Mosquitto: clients of one group share the messages, one of none has all",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    const [from, one, other, alone] = Array.from({ length: 4 }, () => open(broker.url));
    const stop = new AbortController();
    const taken: number[][] = [[], [], []];
    const listen = async (bus: Bus, index: number, group?: string) => {
      for await (const { payload } of bus.messages("faces", { qos: 1, signal: stop.signal, group })) {
        taken[index].push(payload[0]);
      }
    };
    try {
      await Promise.all([from, one, other, alone].map((bus) => bus.ready({ signal: never })));
      const listening = Promise.all([listen(one, 0, "savers"), listen(other, 1, "savers"), listen(alone, 2)]);
      await subscribed();
      const numbers = Array.from({ length: 40 }, (_, number) => number);
      for (const number of numbers) await from.publish("faces", Uint8Array.of(number), { qos: 1 });
      await subscribed();
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

for (const [kind, start, options] of KINDS) {
  Deno.test(
    `${kind}: the second client of one name reports it once, also when the broker was away`,
    options,
    async () => {
      await using broker = await start();
      await using link = new CutLink(Number(new URL(broker.url).port));
      const reports = [0, 0];
      const changes = [0, 0];
      const seen = Promise.withResolvers<void>();
      const open = (index: number) =>
        openMqttBus({
          url: new URL(`mqtt://127.0.0.1:${link.port}`),
          clientId: `namesake-${index}`,
          statusTopic: "haarlem/raspberrypi/forwarder/status",
          nameTopic: "haarlem/raspberrypi/forwarder/name",
          backoff: new Backoff({ firstMs: 20, maxMs: 50 }),
          onLink: () => changes[index]++,
          onNamesake: () => {
            reports[index]++;
            seen.resolve();
          },
        });
      const first = open(0);
      await first.ready({ signal: never });
      await subscribed();
      const second = open(1);
      await seen.promise;
      assert.deepEqual(reports, [0, 1]);
      assert.deepEqual(changes, [1, 1], "neither ends the other's connection");
      link.cut();
      while (first.connected || second.connected) await new Promise((resolve) => setTimeout(resolve, 5));
      link.mend();
      await Promise.all([first, second].map((bus) => bus.ready({ signal: never })));
      await subscribed();
      assert.deepEqual(reports, [0, 1]);
      await Promise.all([first.close(), second.close()]);
    },
  );
}

Deno.test(
  "two clients with one identifier end each other's connections; each finds that reason and backs off",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    const open = () => {
      const reasons: string[] = [];
      const seen = Promise.withResolvers<void>();
      const bus = openMqttBus({
        url: new URL(broker.url),
        clientId: "twin",
        statusTopic: "haarlem/test/twin/status",
        backoff: new Backoff({ firstMs: 10, maxMs: 40 }),
        onLink: (change) => {
          if (change.up) return;
          if (reasons.at(-1) !== change.reason) reasons.push(change.reason);
          if (/another client with the name "twin"/.test(change.reason)) seen.resolve();
        },
      });
      return { bus, reasons, seen: seen.promise };
    };
    const twins = [open(), open()];
    await Promise.all(twins.map(({ seen }) => seen));
    const told = twins.map(({ reasons }) => reasons.length);
    await subscribed();
    assert.deepEqual(twins.map(({ reasons }) => reasons.length), told);
    assert.ok(told.every((count) => count <= 8), `${told}`);
    await Promise.all(twins.map(({ bus }) => bus.close()));
  },
);
