/** The broker in messages. */
import assert from "node:assert/strict";
import { brokerHost } from "./broker_port.ts";

Deno.test("messages name the port of a broker, also where its address has none", () => {
  const shown = (address: string) => brokerHost(new URL(address));
  assert.equal(shown("mqtt://user:secret@cloud.example"), "cloud.example:1883");
  assert.equal(shown("mqtts://cloud.example"), "cloud.example:8883");
  assert.equal(shown("mqtt://[::1]:30003"), "[::1]:30003");
});
