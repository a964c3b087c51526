/**
 * The commands of docs/PRIVACY.md do what they say. A temporary folder stands in for /srv/faces, and moto for AWS, whose
 * command-line client is the real one.
 */
import assert from "node:assert/strict";
import { encodePng } from "../../lib/image/png.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { Moto, REGION } from "../deploy/moto.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { freePort } from "../servers/free_port.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { type Step, stepsOf } from "./blocks.ts";
import { Session } from "./session.ts";

const TOKEN = "5c0d6f2b9a7e41d8";
const DAY = "2026-11-26";
const STEPS = stepsOf(await projectFile("docs/PRIVACY.md"));
const ofAws = ({ code }: Step) => code.startsWith("aws ");

Deno.test("docs/PRIVACY.md is right: its commands erase one face by its key, and the faces of a minute", async () => {
  using store = new TempFolder();
  const picture = encodePng({ width: 40, height: 40, rgb: new Uint8Array(4800).fill(90) });
  const names = ["14-03-11-250_front", "14-03-12-000_front", "14-03-12-000_back", "14-04-00-000_front"];
  await Deno.mkdir(store.at(DAY));
  for (const name of names) store.write(`${DAY}/${name}_0123456789ab.png`, picture);
  const gallery = `127.0.0.1:${freePort()}`;
  await using program = new RunningProgram(
    "gallery",
    ["--store", store.path, "--listen", gallery, "--allow", "delete"],
    { env: { HAARLEM_TOKEN: TOKEN } },
  );
  await program.printed(/gallery at/);
  await using session = new Session([["/srv/faces", store.path]], { HAARLEM_TOKEN: TOKEN, GALLERY: gallery });
  const left: string[][] = [];
  for (const step of STEPS.filter((step) => !ofAws(step))) {
    await session.step(step);
    left.push(Array.from(Deno.readDirSync(store.at(DAY)), ({ name }) => name).sort());
  }
  const files = (...kept: string[]) => kept.map((name) => `${name}_0123456789ab.png`).sort();
  assert.deepEqual(left, [files(...names.slice(1)), files("14-03-12-000_back", "14-04-00-000_front")]);
});

Deno.test("docs/PRIVACY.md is right: its commands for AWS set a rule, and erase the faces of a minute", {
  ...needs("awsTools"),
}, async () => {
  await using moto = await Moto.start();
  await moto.aws("s3", "mb", "s3://my-bucket");
  // The first command of the page fails where there is no rule, and the second one replaces this one.
  const rule = (id: string, prefix: string) =>
    JSON.stringify({
      Rules: [{ ID: id, Status: "Enabled", Filter: { Prefix: prefix }, Expiration: { Days: 9 } }],
    });
  const bucket = ["--bucket", "my-bucket"];
  await moto.aws(
    ...["s3api", "put-bucket-lifecycle-configuration", ...bucket],
    ...["--lifecycle-configuration", rule("old", "other/")],
  );
  const keys = ["14-03-11-250_front", "14-03-12-000_back"]
    .map((name) => `faces/${DAY}/${name}_0123456789ab.png`);
  for (const key of keys) await moto.aws("s3api", "put-object", ...bucket, "--key", key);
  const tools = findParts().awsTools!;
  await using session = new Session([["aws ", `PYTHONPATH='${tools}' '${tools}/bin/aws' `]], {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: "owner",
    AWS_SECRET_ACCESS_KEY: "secret",
  });
  for (const step of STEPS.filter(ofAws)) await session.step(step);
  const rules = JSON.parse(await moto.aws("s3api", "get-bucket-lifecycle-configuration", ...bucket)).Rules;
  assert.deepEqual(rules.map(({ ID, Expiration }: { ID: string; Expiration: unknown }) => [ID, Expiration]), [
    ["expire-faces", { Days: 30 }],
  ]);
  const left = await moto.aws(
    "s3api",
    "list-objects-v2",
    ...bucket,
    "--query",
    "Contents[].Key",
    "--output",
    "text",
  );
  assert.deepEqual(left.split(/\s+/).sort(), keys.slice(1).sort());
});
