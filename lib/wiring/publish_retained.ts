/** Publishes texts that the broker keeps for later subscribers. */
import type { Bus } from "../bus/bus.ts";
import type { PublishRetained } from "../home_assistant/retained_values.ts";

/** The function that publishes retained texts on a bus; an empty text removes what the broker keeps. */
export function publishRetained(bus: Bus): PublishRetained {
  return (topic, text) => bus.publish(topic, new TextEncoder().encode(text), { qos: 1, retain: true });
}
