/**
 * A stand-in for a recogniser, as an example for docs/RECOGNITION.md: it aligns every face and answers it, but
 * recognises nobody. Replace `recognise` by a call of a real recogniser.
 *
 *     deno run --allow-net --allow-env --allow-read docs/examples/recogniser.ts mqtt://127.0.0.1:1883 [ca.pem]
 */
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { messageOf } from "../../lib/errors.ts";
import type { FaceFile } from "../../lib/face/face.ts";
import { readFace } from "../../lib/face/face_file.ts";
import { RecentIds } from "../../lib/face/recent_ids.ts";
import { DEFAULT_TOPIC, recognitionTopic, statusTopic } from "../../lib/face/topics.ts";
import type { Picture } from "../../lib/image/crop.ts";
import { decodePng } from "../../lib/image/png.ts";
import { aligned, landmarksInPicture } from "./align_face.ts";

const NAME = "stand-in";
/** Number of latest faces whose copies are not answered again. */
const RECENT = 1_000;
/** Maximum number of faces that wait for the recogniser; further ones are dropped. */
const MAX_WAITING = 100;

/** A person whom the recogniser may have recognised. */
interface Match {
  readonly label: string;
  /** From 0 to 1; 1: certainly the same person. */
  readonly similarity: number;
}

/** The answer to a face; docs/FORMATS.md specifies it. */
interface Answer {
  readonly id: string;
  readonly recogniser: string;
  /** The best first; none: the recogniser does not know the person. */
  readonly matches: readonly Match[];
  /** Why the face was not compared. */
  readonly error?: string;
}

/** Stands for the recogniser: it would compute a vector from the aligned face, and compare it with those of known people. */
function recognise(_face: Picture): Match[] {
  return [{ label: "nobody, this is a stand-in", similarity: 0 }];
}

function answerOf({ id, bytes, metadata }: FaceFile): Answer {
  const landmarks = metadata && landmarksInPicture(metadata);
  if (!landmarks) return { id, recogniser: NAME, matches: [], error: "the face has no landmarks" };
  return { id, recogniser: NAME, matches: recognise(aligned(decodePng(bytes), landmarks)) };
}

async function run(
  address: string,
  ca: string | undefined,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const bus = openMqttBus({
    url: new URL(address),
    clientId: `${NAME}-${crypto.randomUUID().slice(0, 8)}`,
    statusTopic: statusTopic(NAME, "recogniser"),
    ...(ca !== undefined && { tls: { ca } }),
    onLink: (link) => console.error(link.up ? "connected to the broker" : `no broker: ${link.reason}`),
  });
  const seen = new RecentIds(RECENT);
  for await (
    const message of bus.messages(DEFAULT_TOPIC, { qos: 1, signal, maxWaiting: MAX_WAITING })
  ) {
    if (message.isRetained) continue; // It is not new.
    try {
      const face = readFace(message.payload);
      if (!seen.add(face.id)) continue; // A copy, sent again because no receipt had arrived.
      const { device = "unknown", camera = "unknown" } = face.metadata ?? {};
      const answer = answerOf(face);
      console.log(JSON.stringify(answer));
      const payload = new TextEncoder().encode(JSON.stringify(answer));
      await bus.publish(recognitionTopic(device, camera, face.id), payload, { qos: 1 });
    } catch (error) {
      console.error(`not answered: ${messageOf(error)}`); // No picture, or the connection broke: the answer is lost.
    }
  }
  await bus.close();
}

if (import.meta.main) {
  const [address, caFile] = Deno.args;
  if (address === undefined) {
    console.error("the address of a broker is required\nTry: recogniser.ts mqtt://127.0.0.1:1883");
    Deno.exit(78);
  }
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, () => ending.abort());
  await run(address, caFile && await Deno.readTextFile(caFile), ending);
}
