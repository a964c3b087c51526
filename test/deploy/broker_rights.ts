/** What the accounts of the cloud's broker may do, by real clients. */
import assert from "node:assert/strict";
import type { Bus } from "../../lib/bus/bus.ts";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { ALL_STATES, recognitionTopic, stateTopic } from "../../lib/face/topics.ts";
import { FACES, type Ports } from "./broker_accounts.ts";

const RECEIPTS = "face_detection/receipt";
const LIMIT_MS = 30_000;

/** Opens a bus as one of the accounts. */
function opener(ca: string, ports: Ports, passwords: Record<string, string>): (user: string) => Bus {
  return (user) =>
    openMqttBus({
      url: new URL(
        user === "saver"
          ? `mqtt://saver:${passwords.saver}@127.0.0.1:${ports.local}`
          : `mqtts://${user}:${passwords[user]}@localhost:${ports.tls}`,
      ),
      clientId: `test-${user}`,
      statusTopic: `haarlem/${user}/test/status`,
      tls: { ca },
    });
}

/** A gallery reads the states that boards publish, no faces and no receipts; it publishes no state and no receipt. */
export async function holdsGalleryRights(...account: Parameters<typeof opener>): Promise<void> {
  const open = opener(...account);
  const [board, saver, gallery] = [open("board1"), open("saver"), open("gallery")];
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]);
  const said: string[] = [];
  const listen = async (bus: Bus, topic: string) => {
    for await (const { payload } of bus.messages(topic, { qos: 1, signal })) {
      said.push(`${topic} ${new TextDecoder().decode(payload)}`);
      if (said.at(-1) === `${ALL_STATES} last`) ending.abort();
    }
  };
  const listening = [FACES, RECEIPTS, ALL_STATES].map((topic) => listen(gallery, topic));
  listening.push(listen(board, RECEIPTS));
  await Promise.all([board, saver, gallery].map((bus) => bus.ready({ signal })));
  const say = (bus: Bus, topic: string, text: string) =>
    bus.publish(topic, new TextEncoder().encode(text), { qos: 1, retain: topic.endsWith("/state") });
  const state = stateTopic("board1", "detector-front");
  await say(gallery, RECEIPTS, "forged");
  await say(gallery, state, "forged");
  await say(saver, state, "forged");
  await say(board, FACES, "face");
  await say(board, state, "last");
  await Promise.all(listening);
  assert.deepEqual(said, [`${ALL_STATES} last`]);
  await Promise.all([board, saver, gallery].map((bus) => bus.close()));
}

/** A recogniser reads faces and answers them; it publishes neither faces nor receipts, and nobody else answers. */
export async function holdsRecogniserRights(...account: Parameters<typeof opener>): Promise<void> {
  const open = opener(...account);
  const [board, saver, recogniser] = [open("board1"), open("saver"), open("recogniser")];
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]);
  const answers = recognitionTopic("board1", "door", "00ff");
  const said: string[] = [];
  const listen = async (bus: Bus, topic: string) => {
    for await (const { payload } of bus.messages(topic, { qos: 1, signal })) {
      said.push(`${topic} ${new TextDecoder().decode(payload)}`);
      if (said.at(-1) === `${answers} last`) ending.abort();
    }
  };
  const listening = [
    listen(recogniser, FACES),
    listen(recogniser, RECEIPTS),
    listen(recogniser, answers),
    listen(saver, FACES),
    listen(board, RECEIPTS),
  ];
  await Promise.all([board, saver, recogniser].map((bus) => bus.ready({ signal })));
  const say = (bus: Bus, topic: string, text: string) =>
    bus.publish(topic, new TextEncoder().encode(text), { qos: 1 });
  await say(board, FACES, "face");
  await say(board, answers, "forged");
  await say(saver, answers, "forged");
  await say(recogniser, FACES, "invented");
  await say(recogniser, RECEIPTS, "forged");
  await say(recogniser, answers, "last");
  await Promise.all(listening);
  assert.deepEqual(said.sort(), [`${FACES} face`, `${FACES} face`, `${answers} last`]);
  await Promise.all([board, saver, recogniser].map((bus) => bus.close()));
}

/** A notifier reads faces and receipts; it publishes neither. */
export async function holdsNotifierRights(...account: Parameters<typeof opener>): Promise<void> {
  const open = opener(...account);
  const [board, saver, notifier] = [open("board1"), open("saver"), open("notifier")];
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]);
  const said: string[] = [];
  const listen = async (bus: Bus, who: string, topic: string) => {
    for await (const { payload } of bus.messages(topic, { qos: 1, signal })) {
      said.push(`${who} ${topic} ${new TextDecoder().decode(payload)}`);
      if (said.filter((line) => line.endsWith(" last")).length === 2) ending.abort();
    }
  };
  const listening = [
    listen(notifier, "notifier", FACES),
    listen(notifier, "notifier", RECEIPTS),
    listen(saver, "saver", FACES),
    listen(board, "board", RECEIPTS),
  ];
  await Promise.all([board, saver, notifier].map((bus) => bus.ready({ signal })));
  const say = (bus: Bus, topic: string, text: string) =>
    bus.publish(topic, new TextEncoder().encode(text), { qos: 1 });
  await say(notifier, FACES, "invented");
  await say(notifier, RECEIPTS, "forged");
  await say(board, FACES, "face");
  await say(saver, RECEIPTS, "last");
  await Promise.all(listening);
  const expected = [
    `board ${RECEIPTS} last`,
    `notifier ${FACES} face`,
    `notifier ${RECEIPTS} last`,
    `saver ${FACES} face`,
  ];
  assert.deepEqual(said.sort(), expected);
  await Promise.all([board, saver, notifier].map((bus) => bus.close()));
}

/** A board publishes faces and reads receipts, the saver reads faces and publishes receipts. */
export async function holdsRights(...account: Parameters<typeof opener>): Promise<void> {
  const open = opener(...account);
  const [board, other, saver] = [open("board1"), open("board2"), open("saver")];
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]);
  const said: string[] = [];
  const listen = async (bus: Bus, who: string, topic: string) => {
    for await (const { payload } of bus.messages(topic, { qos: 1, signal })) {
      said.push(`${who} ${topic} ${new TextDecoder().decode(payload)}`);
      if (said.at(-1) === `board1 ${RECEIPTS} last`) ending.abort();
    }
  };
  const listening = [
    listen(board, "board1", FACES),
    listen(board, "board1", RECEIPTS),
    listen(saver, "saver", FACES),
    listen(saver, "saver", RECEIPTS),
  ];
  await Promise.all([board, other, saver].map((bus) => bus.ready({ signal })));
  const say = (bus: Bus, topic: string, text: string) =>
    bus.publish(topic, new TextEncoder().encode(text), { qos: 1 });
  await say(other, FACES, "face");
  await say(other, RECEIPTS, "forged");
  await say(board, RECEIPTS, "forged");
  await say(saver, FACES, "invented");
  await say(saver, RECEIPTS, "last");
  await Promise.all(listening);
  assert.deepEqual(said.sort(), [`board1 ${RECEIPTS} last`, `saver ${FACES} face`]);
  await Promise.all([board, other, saver].map((bus) => bus.close()));
}
