/** The settings of a broker. */
import assert from "node:assert/strict";
import { brokerAddress } from "./bus.ts";

const { parse } = brokerAddress({ help: "a broker", fallback: "mqtt://127.0.0.1:1883" });
const FORM = "should be mqtt://[USER:PASSWORD@]HOST[:PORT], or mqtts:// for TLS";

Deno.test("the message about an address without mqtt:// names the form, and no encoding of passwords", () => {
  for (const given of ["127.0.0.1", "cloud.example:1883", "http://cloud.example"]) {
    assert.throws(() => parse(given), { message: FORM });
  }
});

Deno.test("the message about an address whose password may need encoding names the encoding", () => {
  for (const given of ["mqtt://user:a/b@cloud.example", "mqtts://cloud.example:port"]) {
    assert.throws(() => parse(given), ({ message }) => message.startsWith(`${FORM}; write %40 for @`));
  }
});
