/** Renewals of the certificate of a page. */
import assert from "node:assert/strict";
import { TempFolder } from "../testing/temp_folder.ts";
import { RenewedCertificate } from "./renewed_certificate.ts";

/** Two files, what is read from them, and the lines of the log. */
function renewals(folder: TempFolder) {
  const [certFile, keyFile] = [folder.at("cert.pem"), folder.at("key.pem")];
  const write = (path: string, text: string) => Deno.writeTextFileSync(path, text);
  write(certFile, "one");
  write(keyFile, "one");
  const read = () => {
    const [cert, key] = [certFile, keyFile].map((path) => Deno.readTextFileSync(path));
    if (cert !== key) throw new Error("the key is not the key of the certificate");
    return { cert, key };
  };
  const lines: string[] = [];
  const log = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  const renewed = new RenewedCertificate({ certFile, keyFile, read, log: log as never });
  return {
    renewed,
    lines,
    cert: (text: string) => write(certFile, text),
    key: (text: string) => write(keyFile, text),
  };
}

Deno.test("files that change are read once, both together", () => {
  using folder = new TempFolder();
  const { renewed, lines, cert, key } = renewals(folder);
  assert.equal(renewed.take(), undefined);
  cert("second");
  assert.equal(renewed.take(), undefined, "the key is still the old one");
  key("second");
  assert.deepEqual(renewed.take(), { cert: "second", key: "second" });
  assert.equal(renewed.take(), undefined);
  assert.deepEqual(lines, ["the certificate of the page was renewed"]);
});

Deno.test("files that stay unusable or missing are reported once, and used when they are right again", () => {
  using folder = new TempFolder();
  const { renewed, lines, cert, key } = renewals(folder);
  cert("another");
  for (let check = 0; check < 4; check++) assert.equal(renewed.take(), undefined);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0],
    /^cannot use the renewed certificate, the page keeps the previous one: the key is not/,
  );
  Deno.removeSync(folder.at("cert.pem"));
  for (let check = 0; check < 4; check++) assert.equal(renewed.take(), undefined);
  assert.equal(lines.length, 2);
  cert("fourth");
  key("fourth");
  assert.equal(renewed.take()?.cert, "fourth");
});
