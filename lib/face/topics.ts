/** The names of the MQTT topics, in one place. */

/** The default topic of faces. */
export const DEFAULT_TOPIC = "face_detection";

/** The topic of the receipts for a topic of faces. */
export function receiptTopic(faceTopic: string): string {
  return `${faceTopic}/receipt`;
}

/** The topic of a program's retained status: `online` or `offline`. */
export function statusTopic(device: string, worker: string): string {
  return `haarlem/${device}/${worker}/status`;
}

/** The topic of a program's retained state, as JSON (lib/face/detector_state.ts). */
export function stateTopic(device: string, worker: string): string {
  return `haarlem/${device}/${worker}/state`;
}

/** The filters of all retained states and statuses. */
export const ALL_STATES = "haarlem/+/+/state";
export const ALL_STATUSES = "haarlem/+/+/status";

/** The device and the program of a topic of a state or a status; undefined for any other topic. */
export function senderOf(topic: string): { readonly device: string; readonly worker: string } | undefined {
  const [, device, worker] = /^haarlem\/([\w-]{1,64})\/([\w-]{1,80})\/(?:state|status)$/.exec(topic) ?? [];
  return worker === undefined ? undefined : { device, worker };
}

/** The topics that a detector adds for Home Assistant, by what they show; all but those of the face are retained. */
export function homeTopics(device: string, worker: string) {
  const below = (name: string) => `haarlem/${device}/${worker}/${name}`;
  return {
    /** The last face, as a face file, and its facts as JSON. Never retained. */
    face: below("face"),
    faceAttributes: below("face/attributes"),
    /** `ON` or `OFF`. */
    occupancy: below("occupancy"),
    camera: below("camera"),
    /** The value of a setting that may be changed, and the topic that changes it. */
    setting: (name: string) => below(`settings/${name}`),
    change: (name: string) => below(`settings/${name}/set`),
  };
}

/** The topic where programs with one name find each other (lib/bus/namesakes.ts). */
export function nameTopic(device: string, worker: string): string {
  return `haarlem/${device}/${worker}/name`;
}

/**
 * The topic where a recogniser answers a face (docs/RECOGNITION.md). Both names are `unknown` for a third-party picture;
 * `id` is the identity of the face.
 */
export function recognitionTopic(device: string, camera: string, id: string): string {
  return `haarlem/${device}/recognition/${camera}/${id}`;
}

/** The topic of a forwarder's test messages, which detect that both of its brokers are one (lib/bus/loop_check.ts). */
export function loopTopic(device: string): string {
  return `haarlem/${device}/forwarder/loop`;
}
