/** The reasons of errors, and their remedies. */
import assert from "node:assert/strict";
import { knownReason, remedyOf } from "./mqtt_errors.ts";

const URL_OF_BROKER = new URL("mqtt://cloud.example");
const failure = (code: string | number, message = "") => Object.assign(new Error(message), { code });

Deno.test("each reason that a newcomer meets has a remedy, with the setting of the address", () => {
  const remedies = [
    [
      failure("ECONNREFUSED"),
      "nothing listens on cloud.example:1883",
      "start the broker, or set --cloud to its address",
    ],
    [
      failure("ENOTFOUND"),
      "no host named cloud.example",
      "check the name of the host, and that this machine can resolve it",
    ],
    [
      failure(5),
      "the broker refuses the user name or password",
      "check user name and password in the address, and the log of the broker",
    ],
  ] as const;
  for (const [error, reason, remedy] of remedies) {
    assert.equal(knownReason(error, URL_OF_BROKER), reason);
    assert.equal(remedyOf(reason, "--cloud"), remedy);
  }
  assert.equal(remedyOf("the connection was closed", "--cloud"), undefined);
});
