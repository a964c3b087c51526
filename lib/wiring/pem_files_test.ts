/** PEM files named in settings: their content, and errors that name it. */
import assert from "node:assert/strict";
import { Authority } from "../../test/servers/certificates.ts";
import { ConfigError } from "../errors.ts";
import { readPemFiles } from "./pem_files.ts";

Deno.test("a PEM file without a usable certificate or key is rejected by name and content", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.sign();
  const other = await authority.sign();
  const file = (name: string, text: string) => {
    Deno.writeTextFileSync(`${authority.folder}/${name}`, text);
    return `${authority.folder}/${name}`;
  };
  const text = Deno.readTextFileSync(authority.cert);
  const cut = file("cut.pem", text.replace(/\n[A-Za-z0-9+/=]+\n-----END/, "\n-----END"));
  const garbled = file("garbled.pem", text.replace(/\n.{20}/, "\n%%%%%%%%%%%%%%%%%%%%"));
  const encrypted = file(
    "enc.key",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
  );
  const wrong: [Parameters<typeof readPemFiles>[0], RegExp][] = [
    [{ caSetting: "cloud-ca", ca: "gone.pem" }, /cannot read --cloud-ca "gone.pem": no such file/],
    [{ caSetting: "cloud-ca", ca: authority.folder }, /cannot read --cloud-ca/],
    [{ caSetting: "cloud-ca", ca: file("empty", "\n") }, /--cloud-ca ".*" holds no certificate and is empty/],
    [{ caSetting: "cloud-ca", ca: file("words", "hello") }, /holds no certificate in PEM/],
    [{ caSetting: "cloud-ca", ca: key }, /holds no certificate but a private key/],
    [{ caSetting: "cloud-ca", ca: cut }, /holds a certificate that is damaged/],
    [{ caSetting: "cloud-ca", ca: garbled }, /holds a certificate that is damaged/],
    [{ caSetting: "cloud-ca", cert }, /--tls-cert is given without --tls-key/],
    [{ caSetting: "cloud-ca", key }, /--tls-key is given without --tls-cert/],
    [{ caSetting: "", certSetting: "page-cert", cert }, /--page-cert is given without --tls-key/],
    [{ caSetting: "cloud-ca", cert: key, key }, /--tls-cert ".*" holds no certificate but a private key/],
    [{ caSetting: "cloud-ca", cert, key: cert }, /--tls-key ".*" holds no private key but a certificate/],
    [{ caSetting: "cloud-ca", cert, key: encrypted }, /holds a key that is encrypted/],
    [{ caSetting: "cloud-ca", cert, key: other.key }, /is not the key of the certificate/],
  ];
  for (const [files, message] of wrong) {
    assert.throws(() => readPemFiles(files), (error: ConfigError) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.message, message);
      assert.match(error.hint!, /^(set|decrypt)/);
      return true;
    });
  }
  const texts = readPemFiles({ caSetting: "cloud-ca", ca: authority.cert, cert, key });
  assert.equal(texts.ca, text);
  assert.ok(texts.cert && texts.key);
  assert.deepEqual(readPemFiles({ caSetting: "cloud-ca" }), {
    ca: undefined,
    cert: undefined,
    key: undefined,
  });
});
