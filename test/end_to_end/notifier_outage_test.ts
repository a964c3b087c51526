/** The notifier and a broker that was away: what the savers store after an outage is in a message or in a summary. */
import assert from "node:assert/strict";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { faceOf, NotifierRound } from "./notifier_round.ts";

/** In place of a broker: takes this number of attempts of notifiers to connect, and answers none. */
async function attempts(port: number, count: number): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  for (let left = count; left > 0;) {
    using connection = await listener.accept();
    const hello = new Uint8Array(1_000);
    await connection.read(hello);
    if (new TextDecoder().decode(hello).includes("-notifier-")) left--;
  }
}

Deno.test(
  "after a long outage of the broker the notifier is back in a moment, and the backlog is one summary",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    const flags = ["--gotify", round.services.url, "--summary-after", "1"];
    await using notifier = await round.notifier(flags);
    await round.broker.kill();
    await notifier.printed(/no connection to the broker/);
    await attempts(round.broker.port, 7); // Twice as long after each one, the next would be 8 to 16 s away.
    await round.broker.start();
    const connections = () => notifier.stderr.match(/connected to the broker/g)?.length;
    await until(() => connections() === 2, "the notifier is back before a saver", { limitMs: 4_000 });
    await notifier.printed(
      /visits that were stored while no broker was connected may be missing from the notifications seconds=\d/,
    );
    const old = Array.from({ length: 40 }, (_, visit) => faceOf(visit + 1, "first", { agoMs: 3_600_000 }));
    for (let copy = 0; copy < 2; copy++) { // As detectors resend them.
      await round.publish(...old);
      await round.receipt(...old);
    }
    const live = faceOf(59);
    await round.publish(live);
    await round.receipt(live);
    await round.taken(2);
    assert.deepEqual(round.services.taken.map(({ title }) => title).sort(), ["40 visits", "Visit: front"]);
  },
);
