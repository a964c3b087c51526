/** What the accounts of the cloud's broker may do, by real clients. */
import assert from "node:assert/strict";
import type { Bus } from "../../lib/bus/bus.ts";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { ALL_STATES, recognitionTopic, stateTopic } from "../../lib/face/topics.ts";
import { FACES, type Ports } from "./broker_accounts.ts";

const RECEIPTS = "face_detection/receipt";
const LIMIT_MS = 30_000;

type Account = Parameters<typeof opener>;

/** Who listens, what is published one after the other, and all that may be heard. */
interface Rights {
  readonly listens: readonly (readonly [user: string, topic: string])[];
  /** The last one has the text "last". */
  readonly says: readonly (readonly [user: string, topic: string, text: string])[];
  /** "USER TOPIC TEXT"; the topic is the one that the user listens to. */
  readonly heard: readonly string[];
}

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

/** Connects every user, publishes, and checks what is heard. */
async function holds({ listens, says, heard }: Rights, account: Account): Promise<void> {
  const users = new Set([...listens, ...says].map(([user]) => user));
  const buses = new Map(Array.from(users, (user) => [user, opener(...account)(user)]));
  const ending = new AbortController();
  const { signal } = ending;
  const timer = setTimeout(() => ending.abort(), LIMIT_MS);
  const lines: string[] = [];
  const listening = listens.map(async ([user, topic]) => {
    for await (const { payload } of buses.get(user)!.messages(topic, { qos: 1, signal })) {
      lines.push(`${user} ${topic} ${new TextDecoder().decode(payload)}`);
      // Each client receives on its own: one may hear the last message before another hears the first.
      if (heard.every((line) => lines.includes(line))) ending.abort();
    }
  });
  await Promise.all(buses.values().map((bus) => bus.ready({ signal })));
  for (const [user, topic, text] of says) {
    const options = { qos: 1, retain: topic.endsWith("/state") } as const;
    await buses.get(user)!.publish(topic, new TextEncoder().encode(text), options);
  }
  await Promise.all(listening);
  clearTimeout(timer);
  assert.deepEqual(lines.sort(), [...heard].sort());
  await Promise.all(buses.values().map((bus) => bus.close()));
}

/** A gallery reads the states that boards publish, no faces and no receipts; it publishes no state and no receipt. */
export async function holdsGalleryRights(...account: Account): Promise<void> {
  const state = stateTopic("board1", "detector-front");
  await holds({
    listens: [["gallery", FACES], ["gallery", RECEIPTS], ["gallery", ALL_STATES], ["board1", RECEIPTS]],
    says: [
      ["gallery", RECEIPTS, "forged"],
      ["gallery", state, "forged"],
      ["saver", state, "forged"],
      ["board1", FACES, "face"],
      ["board1", state, "last"],
    ],
    heard: [`gallery ${ALL_STATES} last`],
  }, account);
}

/** A recogniser reads faces and answers them; it publishes neither faces nor receipts, and nobody else answers. */
export async function holdsRecogniserRights(...account: Account): Promise<void> {
  const answers = recognitionTopic("board1", "door", "00ff");
  await holds({
    listens: [
      ["recogniser", FACES],
      ["recogniser", RECEIPTS],
      ["recogniser", answers],
      ["saver", FACES],
      ["board1", RECEIPTS],
    ],
    says: [
      ["board1", FACES, "face"],
      ["board1", answers, "forged"],
      ["saver", answers, "forged"],
      ["recogniser", FACES, "invented"],
      ["recogniser", RECEIPTS, "forged"],
      ["recogniser", answers, "last"],
    ],
    heard: [`recogniser ${FACES} face`, `saver ${FACES} face`, `recogniser ${answers} last`],
  }, account);
}

/** A notifier reads faces and receipts; it publishes neither. */
export async function holdsNotifierRights(...account: Account): Promise<void> {
  await holds({
    listens: [["notifier", FACES], ["notifier", RECEIPTS], ["saver", FACES], ["board1", RECEIPTS]],
    says: [
      ["notifier", FACES, "invented"],
      ["notifier", RECEIPTS, "forged"],
      ["board1", FACES, "face"],
      ["saver", RECEIPTS, "last"],
    ],
    heard: [
      `board1 ${RECEIPTS} last`,
      `notifier ${FACES} face`,
      `notifier ${RECEIPTS} last`,
      `saver ${FACES} face`,
    ],
  }, account);
}

/** A board publishes faces and reads receipts, the saver reads faces and publishes receipts. */
export async function holdsRights(...account: Account): Promise<void> {
  await holds({
    listens: [["board1", FACES], ["board1", RECEIPTS], ["saver", FACES], ["saver", RECEIPTS]],
    says: [
      ["board2", FACES, "face"],
      ["board2", RECEIPTS, "forged"],
      ["board1", RECEIPTS, "forged"],
      ["saver", FACES, "invented"],
      ["saver", RECEIPTS, "last"],
    ],
    heard: [`board1 ${RECEIPTS} last`, `saver ${FACES} face`],
  }, account);
}
