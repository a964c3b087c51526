/** A bus whose broker or link fails, and clients that share a name or an identifier. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { CutLink } from "../../test/servers/cut_link.ts";
import { Mosquitto } from "../../test/servers/mosquitto.ts";
import { Backoff } from "../async/backoff.ts";
import {
  collectChanges,
  connected,
  isDown,
  KINDS,
  openTestBus,
  subscribed,
  take,
} from "../testing/test_bus.ts";
import type { LinkChange } from "./bus.ts";
import { openMqttBus } from "./mqtt_bus.ts";

Deno.test(
  "a bus without its broker gives one reason for every attempt, rejects publishes and reconnects",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using bus = openTestBus(broker.url);
    await connected(bus);
    const taken = take(bus, "faces", 1);
    await subscribed(bus);
    await broker.kill();
    await bus.until(isDown);
    await assert.rejects(bus.publish("faces", Uint8Array.of(1), { qos: 1 }), /not connected/);
    const refusalsOf = (changes: readonly LinkChange[]) =>
      changes.flatMap((change) => change.up || !/nothing listens/.test(change.reason) ? [] : [change.reason]);
    await bus.until((changes) => refusalsOf(changes).length > 1);
    await broker.start();
    await connected(bus);
    await bus.publish("faces", Uint8Array.of(2), { qos: 1 });
    assert.deepEqual((await taken)[0].payload, Uint8Array.of(2));
    const refusals = refusalsOf(bus.changes);
    assert.equal(new Set(refusals).size, 1, JSON.stringify(bus.changes));
  },
);

Deno.test("a publish under way when the link is cut is rejected", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start();
  await using link = new CutLink(broker.port);
  await using bus = openTestBus(`mqtt://127.0.0.1:${link.port}`);
  await connected(bus);
  broker.signal("SIGSTOP");
  const published = bus.publish("faces", new Uint8Array(1_000), { qos: 1 });
  const rejected = assert.rejects(published);
  link.cut();
  await rejected;
  broker.signal("SIGCONT");
});

Deno.test("close() without a broker returns at once", async () => {
  const bus = openTestBus("mqtt://127.0.0.1:9");
  await bus.until(isDown);
  await bus.close();
});

Deno.test("a broker that requires a password is reported as such", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ anonymous: false });
  await using bus = openTestBus(broker.url);
  await bus.until(isDown);
  assert.deepEqual(bus.changes[0], { up: false, reason: "the broker refuses the user name or password" });
});

Deno.test(
  "ready() waits for a broker that starts later",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start({ started: false });
    await using bus = openTestBus(broker.url);
    const ready = connected(bus);
    await bus.until(isDown);
    await broker.start();
    await ready;
    assert.equal(bus.connected, true);
  },
);

Deno.test(
  "two programs of one name coexist, and the remaining one publishes its status again",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using watcher = openTestBus(broker.url);
    const [stays, leaves] = ["a", "b"].map((id) => {
      const changes: LinkChange[] = [];
      const options = { url: new URL(broker.url), statusTopic: "haarlem/board/logger/status" };
      return {
        changes,
        bus: openMqttBus({ ...options, clientId: id, onLink: (change) => changes.push(change) }),
      };
    });
    await Promise.all([watcher, stays.bus, leaves.bus].map(connected));
    await subscribed(stays.bus);
    const stop = new AbortController();
    const statuses: string[] = [];
    const watching = (async () => {
      const messages = watcher.messages("haarlem/board/logger/status", { qos: 1, signal: stop.signal });
      for await (const { payload } of messages) {
        statuses.push(new TextDecoder().decode(payload));
        if (statuses.join().endsWith("offline,online")) break;
      }
    })();
    await subscribed(watcher);
    await leaves.bus.close();
    await watching;
    assert.equal(stays.changes.length, 1, "never disconnected");
    await stays.bus.close();
  },
);

const NAME_TOPIC = "haarlem/raspberrypi/forwarder/name";

for (const [kind, start, options] of KINDS) {
  Deno.test(
    `${kind}: the second client of one name reports the first one once, also after a reconnection`,
    options,
    async () => {
      await using broker = await start();
      await using link = new CutLink(Number(new URL(broker.url).port));
      const reports = [0, 0];
      const reported = Promise.withResolvers<void>();
      const open = (index: number) => {
        const { changes, onLink, until } = collectChanges();
        const bus = openMqttBus({
          url: new URL(`mqtt://127.0.0.1:${link.port}`),
          clientId: `namesake-${index}`,
          statusTopic: "haarlem/raspberrypi/forwarder/status",
          nameTopic: NAME_TOPIC,
          backoff: new Backoff({ firstMs: 20, maxMs: 50 }),
          onLink,
          onNamesake: () => {
            reports[index]++;
            reported.resolve();
          },
        });
        return { bus, changes, until };
      };
      await using watcher = openTestBus(broker.url);
      await connected(watcher);
      const greeting = take(watcher, NAME_TOPIC, 1);
      await subscribed(watcher);
      const first = open(0);
      await greeting; // Otherwise the second one might receive it, and know the first one already.
      const second = open(1);
      await reported.promise;
      const both = [first, second];
      assert.deepEqual(reports, [0, 1]);
      assert.deepEqual(
        both.map(({ changes }) => changes.length),
        [1, 1],
        "neither ends the other's connection",
      );
      link.cut();
      await Promise.all(both.map(({ until }) => until(isDown)));
      link.mend();
      await Promise.all(both.map(({ bus }) => connected(bus)));
      // Subscriptions, greetings and answers, each on its way to the broker and on to the other client.
      for (let round = 0; round < 6; round++) await Promise.all(both.map(({ bus }) => subscribed(bus)));
      assert.deepEqual(reports, [0, 1]);
      await Promise.all(both.map(({ bus }) => bus.close()));
    },
  );
}

Deno.test("only after a refused login the longer back-off applies", async () => {
  using broker = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const waits: string[] = [];
  const third = Promise.withResolvers<void>();
  const wait = (kind: string) => ({
    next: () => {
      if (waits.push(kind) === 3) third.resolve();
      return 0;
    },
  });
  const answering = (async () => {
    const codes = [5, undefined, 4];
    while (codes.length > 0) {
      using connection = await broker.accept();
      const hello = new Uint8Array(1_000);
      await connection.read(hello);
      if (!new TextDecoder().decode(hello).includes("refused")) continue; // It looks for the cause of a failure.
      const code = codes.shift();
      if (code !== undefined) await connection.write(Uint8Array.of(0x20, 2, 0, code));
    }
  })();
  const bus = openMqttBus({
    url: new URL(`mqtt://127.0.0.1:${broker.addr.port}`),
    ...{ clientId: "refused", statusTopic: "haarlem/test/refused/status" },
    ...{ backoff: wait("short"), refusal: wait("long") },
  });
  await answering;
  await third.promise;
  await bus.close();
  assert.deepEqual(waits.slice(0, 3), ["long", "short", "long"]);
});

Deno.test(
  "two clients with one identifier end each other's connections, and each reports that reason",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    const open = () => {
      const { changes, onLink, until } = collectChanges();
      const bus = openMqttBus({
        url: new URL(broker.url),
        clientId: "twin",
        statusTopic: "haarlem/test/twin/status",
        backoff: new Backoff({ firstMs: 10, maxMs: 40 }),
        onLink,
      });
      return { bus, changes, until };
    };
    const isFlapping = (change: LinkChange) =>
      !change.up && /another client with the name "twin"/.test(change.reason);
    const twins = [open(), open()];
    await Promise.all(twins.map(({ until }) => until((changes) => changes.filter(isFlapping).length >= 5)));
    for (const { changes } of twins) {
      const failures = changes.flatMap((change) => change.up ? [] : [change.reason]);
      const reasons = failures.filter((reason, index) => reason !== failures[index - 1]);
      assert.ok(reasons.length <= 8, JSON.stringify(reasons));
    }
    await Promise.all(twins.map(({ bus }) => bus.close()));
  },
);
