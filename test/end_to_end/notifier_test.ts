/**
 * The notifier behind a real broker and a real saver, with stand-ins for the services: a message for each visit, once
 * its face is stored; nothing twice, nothing old as an alarm, no secret anywhere.
 */
import assert from "node:assert/strict";
import deno from "../../deno.json" with { type: "json" };
import { COMMAND } from "../../lib/notify/command.ts";
import { stays, until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { PushServices } from "../servers/push_services.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { everyService, faceOf, NotifierRound } from "./notifier_round.ts";

const VISIT_EVERYWHERE = ["gotify", "ntfy", "pushover", "telegram sendPhoto", "webhook"];

Deno.test(
  "a visit is sent to every service once the saver has stored its face, and its best picture to those that can",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    await using notifier = await round.notifier(everyService(round.services.url));
    const [first, best] = [faceOf(1), faceOf(1, "best")];
    await round.publish(first);
    await until(() => notifier.stderr !== "", "the notifier runs");
    await stays(() => round.services.requests === 0, "nothing is sent before the receipt", 500);
    const store = round.folder.at("faces");
    await using saver = new RunningProgram("saver", ["--broker", round.broker.url, "--store", store]);
    await saver.printed(/connected to the broker/);
    await round.publish(first); // As the detector resends it.
    assert.deepEqual(await round.taken(5), VISIT_EVERYWHERE);
    const picture = round.services.taken.find(({ service }) => service === "webhook")!.picture;
    assert.deepEqual(picture, first.bytes);
    await round.publish(best, first, best);
    const updates = ["ntfy", "telegram editMessageMedia", "webhook"];
    assert.deepEqual(await round.taken(8), [...VISIT_EVERYWHERE, ...updates].sort());
    const edited = round.services.taken.find(({ method }) => method === "editMessageMedia")!;
    assert.deepEqual(edited.picture, best.bytes);
    await stays(() => round.services.taken.length === 8, "copies are not sent again", 500);
    notifier.signal("SIGTERM");
    const { code, stderr } = await notifier.ended();
    assert.equal(code, 0);
    assert.match(stderr, /done visits=5 updates=3 summaries=0/);
    assert.doesNotMatch(stderr, /geheim/);
  },
);

Deno.test(
  "copies of faces and receipts are no message after kill -9 and a restart",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    const flags = ["--ntfy", `${round.services.url}/my-topic`, "--log-level", "debug"];
    const faces = [faceOf(1), faceOf(2)];
    {
      await using before = await round.notifier(flags);
      await round.publish(...faces);
      await round.receipt(...faces);
      await round.taken(2);
      // The answer has arrived, and what was sent is written.
      await until(() => before.stderr.match(/sent: visit/g)?.length === 2, "both are sent");
      await until(() => round.stateHas(faces), "both are in the state");
      await before.kill();
    }
    await using _ = await round.notifier(flags);
    await round.publish(...faces);
    await round.receipt(...faces);
    const next = faceOf(3);
    await round.publish(next);
    await round.receipt(next);
    await round.taken(3);
    assert.equal(round.services.taken.length, 3);
  },
);

Deno.test(
  "a backlog is one summary, and a service that is away delays neither another one nor what comes after it",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    await using other = new PushServices();
    const away = new PushServices();
    const { url, port } = away;
    await away[Symbol.asyncDispose]();
    const args = [
      "--ntfy",
      `${url}/my-topic`,
      "--gotify",
      other.url,
      "--summary-after",
      "1",
      "--health",
      "127.0.0.1:0",
    ];
    await using notifier = await round.notifier(args);
    const [, health] = await notifier.printed(/health at (\S+)healthz/);
    const old = Array.from(
      { length: 40 },
      (_, visit) =>
        faceOf(visit + 1, "first", { agoMs: 3_600_000, camera: visit % 4 === 0 ? "back" : "front" }),
    );
    await round.publish(...old);
    await round.receipt(...old);
    const live = faceOf(59);
    await round.publish(live);
    await round.receipt(live);
    await until(() => other.taken.length >= 2, "a visit and a summary");
    assert.deepEqual(other.taken.map(({ title }) => title).sort(), ["40 visits", "Visit: front"]);
    assert.match(other.taken.find(({ title }) => title === "40 visits")!.text, /: front 30, back 10$/);
    await notifier.printed(/cannot send: .*refused.* service=ntfy/);
    const ready = await fetch(`${health}readyz`);
    assert.equal(ready.status, 503);
    assert.match((await ready.json()).why, /ntfy: /);
    await using back = new PushServices({ port });
    await until(() => back.taken.length >= 2, "the service that was away has both");
    assert.deepEqual(back.taken.map(({ title }) => title).sort(), ["40 visits", "Visit: front"]);
    await notifier.printed(/sends again/);
  },
);

Deno.test(
  "of receipts that arrive all at once, as after a pause of the process, each one counts",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    const args = ["--gotify", round.services.url, "--summary-after", "1", "--health", "127.0.0.1:0"];
    await using notifier = await round.notifier(args);
    const [, health] = await notifier.printed(/health at (\S+)healthz/);
    const faces = Array.from({ length: 900 }, (_, visit) => faceOf(visit + 1, "first", { agoMs: 3_600_000 }));
    await round.publish(...faces);
    const metrics = async () => await (await fetch(`${health}metrics`)).text();
    await until(async () => (await metrics()).includes("unstored_faces 900"), "the faces have arrived");
    notifier.signal("SIGSTOP");
    for (const face of faces) await round.receipt(face); // As a saver sends them.
    notifier.signal("SIGCONT");
    // A busy broker may pause for a second between two receipts: then there are several summaries.
    const visits = () =>
      round.services.taken.reduce((sum, { title }) => sum + Number(/^(\d+) visits?$/.exec(title!)![1]), 0);
    await until(() => visits() >= faces.length, "all visits are in summaries");
    assert.equal(visits(), faces.length);
    const counted = await metrics();
    for (const line of ["unstored_faces 0\n", "missed_messages_total 0\n"]) {
      assert.ok(counted.includes(line), counted);
    }
  },
);

Deno.test(
  "a command gets each notification and no setting, and is the only program that the notifier may start",
  needs("mosquitto"),
  async () => {
    assert.deepEqual(deno.permissions.notifier.run, [COMMAND]);
    await using round = await NotifierRound.start();
    const took = round.folder.at("took");
    const script =
      `#!/bin/sh\nread -r line; printf '%s\\n' "$line" >>"${took}"; env >>"${took}"; cat >"${took}.png"\n`;
    round.folder.write(COMMAND, script, 0o755);
    // Quiet hours in a time zone 12 hours behind, so never those of now.
    const hour = new Date().getUTCHours();
    const PATH = `${round.folder.path}:${Deno.env.get("PATH")}`;
    await using notifier = await round.notifier([
      "--command",
      "--quiet",
      `${hour}:00-${hour}:01`,
      "--time-zone",
      "Etc/GMT+12",
    ], {
      env: { PATH, HAARLEM_TELEGRAM_TOKEN: "zq1geheim9vx" },
    });
    const face = faceOf(1);
    await round.publish(face);
    await round.receipt(face);
    const bytes = await until(async () => {
      const read = await Deno.readFile(`${took}.png`).catch(() => undefined);
      return read?.length === face.bytes.length && read;
    }, "the picture");
    assert.deepEqual(bytes, face.bytes);
    const [line, ...environment] = (await Deno.readTextFile(took)).split("\n");
    assert.equal(JSON.parse(line).id, face.id);
    assert.doesNotMatch(environment.join("\n"), /HAARLEM|geheim/);
    notifier.signal("SIGTERM");
    assert.equal((await notifier.ended()).code, 0);
  },
);

Deno.test(
  "no part of an address or a token is in the log, the health or the state while services are away",
  needs("mosquitto"),
  async () => {
    await using round = await NotifierRound.start();
    const gone = new PushServices();
    const at = gone.url.replace("http://", "");
    await gone[Symbol.asyncDispose]();
    const secret = "zq1geheim9vx";
    const env = {
      HAARLEM_NTFY: `http://user:${secret}%40@${at}/${secret}`,
      HAARLEM_TELEGRAM_TOKEN: `1:${secret}`,
      HAARLEM_GOTIFY_TOKEN: secret,
      HAARLEM_PUSHOVER_TOKEN: secret,
      HAARLEM_WEBHOOK: `http://user:${secret}@${at}/${secret}?token=${secret}`,
      HAARLEM_WEBHOOK_SECRET: secret,
    };
    const flags = everyService(`http://${at}`).join("\0").replace(/--(ntfy|webhook)\0[^\0]*\0?/g, "").split(
      "\0",
    );
    const debug = ["--log-level", "debug", "--health", "127.0.0.1:0"];
    await using notifier = await round.notifier([...flags, ...debug], { env });
    const [, health] = await notifier.printed(/health at (\S+)healthz/);
    const face = faceOf(1);
    await round.publish(face);
    await round.receipt(face);
    const away = () => notifier.stderr.match(/cannot send: /g)?.length ?? 0;
    await until(() => away() >= 5, "all services are away");
    const ready = await (await fetch(`${health}readyz`)).text();
    const metrics = await (await fetch(`${health}metrics`)).text();
    notifier.signal("SIGTERM");
    const { code, stderr, stdout } = await notifier.ended();
    assert.equal(code, 0);
    const state = await Deno.readTextFile(round.folder.at("state/notified.json"));
    assert.deepEqual(JSON.parse(state).waiting.ntfy.visits, 1, "it waits for the next run");
    assert.doesNotMatch([stderr, stdout, ready, metrics, state].join("\n"), /geheim/i);
  },
);

Deno.test("wrong settings end the notifier, all with what to do and without a secret", async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [[], {}, /no service is set[^]*Try: set --ntfy/],
    [["--telegram", "1"], {}, /its token is not[^]*Try: set HAARLEM_TELEGRAM_TOKEN/],
    [["--ntfy", "https://ntfy.sh/zq1geheim/9vx"], {}, /name of one topic/],
    [[], { HAARLEM_WEBHOOK: "ftp://u:zq1geheim9vx@host/" }, /should be http/],
    [
      ["--ntfy", "https://ntfy.sh/t", "--routes", "front=telegram"],
      {},
      /--routes names "telegram"[^]*Try: set --telegram/,
    ],
    [["--ntfy", "https://ntfy.sh/t", "--quiet", "22-7"], {}, /should be two different times/],
    [
      ["--ntfy", "https://ntfy.sh/t", "--notice-text", "{name}"],
      {},
      /no field[^]*Try: use one of \{camera\}/,
    ],
    [["--ntfy", "https://ntfy.sh/t", "--time-zone", "Mars"], {}, /no time zone "Mars"/],
    [
      ["--gotify", "https://g"],
      { HAARLEM_GOTIFY_TOKEN: "zq1geheim 9vx\n" },
      /\(not shown\): should be ASCII/,
    ],
    [
      ["--ntfy", "https://n/t"],
      { HAARLEM_NTFY_TOKEN: "zq1geheim\n9vx" },
      /\(not shown\): should be ASCII/,
    ],
    [["--telegram-token", "zq1geheim9vx"], {}, /HAARLEM_TELEGRAM_TOKEN/],
    [["--command"], { PATH: "/nonexistent" }, /no "haarlem-notify" is on PATH[^]*Try: put an executable/],
  ];
  for (const [args, env, expected] of cases) {
    await using program = new RunningProgram("notifier", args, { env });
    const { code, stderr } = await program.ended();
    assert.equal(code, 78, `${args} ${stderr}`);
    assert.match(stderr, expected, `${args}`);
    assert.doesNotMatch(stderr, /geheim/, `${args}`);
  }
});
