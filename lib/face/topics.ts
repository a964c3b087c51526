/** The names of the MQTT topics, in one place. */

/** Where faces go unless told otherwise: the name the homework gave it. */
export const DEFAULT_TOPIC = "face_detection";

/** Where the saver says what it has stored. */
export function receiptTopic(faceTopic: string): string {
  return `${faceTopic}/receipt`;
}

/** Where a program says, retained, whether it is there: `online` or `offline`. */
export function statusTopic(device: string, worker: string): string {
  return `haarlem/${device}/${worker}/status`;
}

/** Where programs of one name find out about one another (lib/bus/namesakes.ts). */
export function nameTopic(device: string, worker: string): string {
  return `haarlem/${device}/${worker}/name`;
}

/** Where a forwarder listens for its own voice, to find out that both of its brokers are the same one. */
export function loopTopic(device: string): string {
  return `haarlem/${device}/forwarder/loop`;
}
