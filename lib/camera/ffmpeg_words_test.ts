import assert from "node:assert/strict";
import { secretOptions, withoutSecrets } from "./ffmpeg_words.ts";

const ADDRESS =
  "rtsp://admin:geheim@10.0.0.7:554/user=admin_password=verborgen&channel=1?pwd=ge%2Fheim7#rest";

Deno.test("a line of ffmpeg's that repeats a part of the address keeps only ffmpeg's own phrases", () => {
  const said: Record<string, string> = {
    [`${ADDRESS}: Connection refused`]: "Connection refused",
    "[in#0] Error opening input file rtsp://admin:geheim@10.0.0.7: Invalid data found when processing input":
      "Invalid data found when processing input",
    "[rtsp @ 0x55d] method DESCRIBE failed: 401 Unauthorized for VERBORGEN":
      "method DESCRIBE failed: 401: Unauthorized",
    "Failed to resolve hostname geheim: Name or service not known":
      "Failed to resolve hostname: Name or service not known",
    "tcp://x?pwd=ge/heim7": "",
    "tcp://x?pwd=ge%252Fheim7": "",
    "[http @ 0x55d] HTTP error 404 Not Found for geheim": "HTTP error 404: Not Found",
    "geheim: Server returned 4XX Client Error, but not one of 40{0,1,3,4}":
      "Server returned 4XX Client Error",
    "geheim: method SETUP failed: 461 Unsupported Transport":
      "method SETUP failed: 461: Unsupported Transport",
    "Authorization: Basic YWRtaW46Z2VoZWlt": "",
    "what geheimnis": "",
  };
  for (const [line, kept] of Object.entries(said)) {
    assert.equal(withoutSecrets(line, [ADDRESS]).trim(), kept.trim(), line);
  }
});

Deno.test("a short password is found as a word, and one with reserved characters in its parts", () => {
  assert.equal(withoutSecrets("wrong user x7 here", ["rtsp://a:x7@host/"]), "");
  assert.equal(withoutSecrets("wrong user gü%here", ["rtsp://u:g%C3%BC%25here@host/"]), "");
  for (const secret of ["se/cr", "se?cr", "se#cr", "se@cr", "se:cr", "se[cr", "se cr"]) {
    const text = `Port missing in uri ${secret}\nand ${encodeURIComponent(secret)}`;
    assert.equal(withoutSecrets(text, [`rtsp://u:${secret}@host/`]), "Port missing in uri");
  }
});

Deno.test("other lines stay as they are", () => {
  const text = "Unknown decoder 'h266'\n[h264 @ 0x55a] error while decoding MB 3 4";
  assert.equal(withoutSecrets(text, ["rtsp://admin:geheim@host/live"]), text);
  assert.equal(withoutSecrets(text, []), text);
});

Deno.test("headers, cookies and keys among ffmpeg's options are secrets", () => {
  const options = [
    "-rtsp_transport",
    "tcp",
    "-headers",
    "Authorization: Bearer",
    "geheim",
    "-x",
    "http://u:p@h",
  ];
  assert.deepEqual(secretOptions(options), ["Authorization: Bearer", "geheim", "http://u:p@h"]);
});
