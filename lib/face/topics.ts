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
