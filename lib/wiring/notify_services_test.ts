/** The addresses of services. */
import assert from "node:assert/strict";
import { SERVICE_SETTINGS } from "./notify_services.ts";

const { parse } = SERVICE_SETTINGS.webhook;
const FORM = "should be http://HOST[:PORT]/… or https://";

Deno.test("the message about an address names the encoding of passwords only where it may help", () => {
  for (const given of ["foo", "home.example/hook", "mqtt://home.example"]) {
    assert.throws(() => parse(given), { message: FORM });
  }
  assert.throws(
    () => parse("https://user:a/b@home.example/hook"),
    ({ message }) => message.startsWith(`${FORM}; write`),
  );
});
