/** No part of a secret in an address is shown. */
import assert from "node:assert/strict";
import { NOT_SHOWN, quoted, safeAddress, safeParts, withSafeAddresses } from "./safe_address.ts";

Deno.test("safeAddress() shows scheme, host and port, and marks a path", () => {
  const shown: Record<string, string> = {
    "mqtt://127.0.0.1": "mqtt://127.0.0.1",
    "MQTTS://Cloud.Example:8883/": "mqtts://Cloud.Example:8883",
    "rtsp://user:geheim@10.0.0.7:554/live": "rtsp://10.0.0.7:554/…",
    "rtsp://user:ge@heim@10.0.0.7/live": "rtsp://10.0.0.7/…",
    "rtsp://[fe80::1%25eth0]:554/": "rtsp://[fe80::1%25eth0]:554",
    "rtsp://10.0.0.7/user=admin_password=geheim&channel=1": "rtsp://10.0.0.7/…",
    "http://cam/?pwd=geheim": "http://cam/…",
    "http://cam#geheim": "http://cam/…",
    "rtsp://kamera-küche/": "rtsp://kamera-küche",
    "rtsp://kamera-k%C3%BCche/": "rtsp://kamera-k%C3%BCche",
  };
  for (const [address, safe] of Object.entries(shown)) assert.equal(safeAddress(address), safe, address);
});

Deno.test("safeAddress() takes no part of an unencoded password for host or port", () => {
  for (
    const secret of ["ge/heim", "12/geheim", "12?geheim", "12#geheim", "12\\geheim", "ge:heim", "ge heim"]
  ) {
    for (const user of ["user", "user:more", "user%40x"]) {
      const safe = safeAddress(`rtsp://${user}:${secret}@10.0.0.7:554/live`);
      assert.doesNotMatch(safe, /geheim|heim|12|user/, `${user} ${secret}`);
    }
  }
  assert.equal(safeAddress("rtsp://user:12/geheim@10.0.0.7/live"), "rtsp://…");
  assert.equal(safeParts("rtsp://user:12/geheim@10.0.0.7/live")?.isDoubtful, true);
});

Deno.test("safeAddress() shows nothing of a text that is no address", () => {
  const wrong = [
    "",
    "geheim",
    "user:geheim@host",
    "mqtt:geheim@host",
    "mqtt//user:geheim@host",
    "mqtt://user:geheim",
    "mqtt://user:geheim@",
    "mqtt://user:geheim@host:99999",
    "mqtt://user:geheim@host:1883 geheim",
    "http://user%3Ageheim%40host/",
    "mqtt://@",
  ];
  for (const address of wrong) assert.equal(safeAddress(address), NOT_SHOWN, address);
});

Deno.test("quoted() quotes a user's text and hides a possible secret", () => {
  assert.equal(quoted("gone.mp4"), '"gone.mp4"');
  assert.equal(quoted("0.0.0.0:99999"), '"0.0.0.0:99999"');
  assert.equal(quoted("/mnt/cam 12:30:05.jpg"), '"/mnt/cam 12:30:05.jpg"');
  assert.equal(quoted("http://user:geheim@host/x"), '"http://host/…"');
  for (
    const text of ["a:geheim@host", "x?pwd=geheim", "pwd=geheim", "mqtt:/geheim", "mqtt//geheim", "a\ngeheim"]
  ) {
    assert.equal(quoted(text), NOT_SHOWN, text);
  }
  assert.equal(quoted("x".repeat(1_000)).length, 203);
});

Deno.test("withSafeAddresses() reduces each address and keeps the other text", () => {
  assert.equal(
    withSafeAddresses('sending for url (https://u:geheim@s3:9000/b?sig=geheim): "http://x/geheim", failed'),
    'sending for url (https://s3:9000/…): "http://x/…", failed',
  );
  assert.equal(withSafeAddresses("http://s3:9000/geheim: timed out"), "http://s3:9000/…: timed out");
});
