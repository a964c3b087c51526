/** deploy/aws/policies allow what our programs do, and nothing more. */
import assert from "node:assert/strict";
import { visitsPath } from "../../lib/testing/visits_path.ts";
import { join } from "node:path";
import { readFace } from "../../lib/face/face_file.ts";
import { KeyTemplate } from "../../lib/face/object_key.ts";
import { saveFace } from "../../lib/store/save_face.ts";
import { openS3Store } from "../../lib/store/s3_store.ts";
import type { Store } from "../../lib/store/store.ts";
import { needs } from "../needs.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { BUCKET, picture, policy } from "./aws.ts";
import { type Credentials, Moto, REGION } from "./moto.ts";
import { type Policy, PolicyGate, type Statement } from "./policy_gate.ts";
import { COURSE_KEY } from "../../lib/testing/course_key.ts";

const { signal } = new AbortController();

/** What a role with these policies may do, with all actions or all but one. */
const RIGHTS: [policies: string[], without: string | undefined, may: string[]][] = [
  [["saver"], undefined, ["put"]],
  [["saver"], "s3:PutObject", []],
  [["saver", "any-key"], undefined, ["put", "get", "take another name"]],
  [["saver", "any-key"], "s3:GetObject", ["put"]],
  [["gallery"], undefined, ["get", "list"]],
  [["gallery"], "s3:GetObject", ["list"]],
  [["gallery"], "s3:ListBucket", ["get"]],
  [["gallery", "gallery-delete"], undefined, ["get", "list", "delete"]],
  [["gallery", "gallery-delete"], "s3:DeleteObject", ["get", "list"]],
];

const SOMETHING: Statement = { Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" };

Deno.test(
  "by moto, each action of a policy is needed, and all together are enough",
  { ...needs("awsTools"), sanitizeResources: false },
  async () => {
    await using moto = await Moto.start();
    await makeBuckets(moto);
    const documents = await Promise.all(RIGHTS.map(async ([names, without], index) => {
      const { Version, Statement } = merged(await Promise.all(names.map(policy)), without);
      // moto refuses an empty policy.
      return [`tried-${index}`, { Version, Statement: Statement.length > 0 ? Statement : [SOMETHING] }];
    }));
    const documentsByRole = JSON.stringify(Object.fromEntries(documents));
    const roles: Record<string, Credentials> = JSON.parse(
      await moto.python(join(import.meta.dirname!, "roles.py"), [documentsByRole]),
    );
    await moto.enforce();
    for (const [index, [names, without, may]] of RIGHTS.entries()) {
      using _ = inEnvironment(roles[`tried-${index}`]);
      const could = await abilities(moto.endpoint);
      // It evaluates no condition, so a listing of another folder proves nothing here.
      const known = could.filter((ability) => ability !== "list elsewhere");
      assert.deepEqual(known, may, `${names} without ${without}`);
    }
    const forbidden = join(import.meta.dirname!, "forbidden.py");
    const said = await moto.python(forbidden, [BUCKET, "faces/there.png"], roles["tried-0"]);
    for (const [name, code] of Object.entries(JSON.parse(said))) {
      assert.match(String(code), /AccessDenied|UnauthorizedOperation/, name);
    }
  },
);

Deno.test(
  "with conditions, each action of a policy is needed, and all together are enough",
  { ...needs("awsTools"), sanitizeResources: false },
  async () => {
    await using moto = await Moto.start();
    await makeBuckets(moto);
    await using gate = new PolicyGate(moto.endpoint, []);
    using _ = inEnvironment({ AWS_ACCESS_KEY_ID: "anybody", AWS_SECRET_ACCESS_KEY: "secret" });
    for (const [names, without, may] of RIGHTS) {
      gate.policies = [merged(await Promise.all(names.map(policy)), without)];
      assert.deepEqual(await abilities(gate.endpoint), may, `${names} without ${without}`);
    }
    const unconditional = await policy("gallery");
    for (const statement of unconditional.Statement) delete statement.Condition;
    gate.policies = [unconditional];
    assert.deepEqual(
      await abilities(gate.endpoint),
      ["get", "list", "list elsewhere"],
      "the condition is needed",
    );
    gate.policies = [await policy("gallery"), await policy("saver"), await policy("bucket")];
    assert.deepEqual(await abilities(gate.endpoint), [], "the bucket's policy denies what comes without TLS");
  },
);

Deno.test(
  "the gallery shows faces with its policy, and no request of it is denied",
  { ...needs("awsTools"), sanitizeResources: false },
  async () => {
    await using moto = await Moto.start();
    await makeBuckets(moto);
    await using gate = new PolicyGate(moto.endpoint, [await policy("gallery")]);
    const store = ["--store", `s3://${BUCKET}/faces`, "--s3-endpoint", gate.endpoint];
    await using gallery = new RunningProgram("gallery", [
      "--listen",
      "127.0.0.1:0",
      ...store,
    ], {
      env: { AWS_ACCESS_KEY_ID: "anybody", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: REGION },
    });
    const [, url] = await gallery.printed(/gallery at (http:\S+)/);
    assert.equal(await (await fetch(`${url}healthz`)).text(), "ok\n");
    const page = await (await fetch(`${url}${visitsPath(Date.UTC(2026, 0, 31, 12))}`)).text();
    const key = /2026-01-31\/[^"]+\.png/.exec(page)?.[0];
    assert.ok(key, page);
    const face = await fetch(`${url}faces/${key}`);
    assert.equal(face.status, 200);
    assert.deepEqual(await face.bytes(), picture(1));
    assert.deepEqual(
      [...new Set(gate.asked.map(({ action }) => action))].sort(),
      ["s3:GetObject", "s3:ListBucket"],
    );
    gate.policies = [merged(gate.policies, "s3:GetObject")];
    const refused = await fetch(`${url}faces/there.png`);
    assert.equal(refused.status, 503, await refused.text());
  },
);

/** The policies joined, without one action. */
function merged(policies: readonly Policy[], without: string | undefined): Policy {
  const Statement = policies.flatMap((policy) => policy.Statement).filter(({ Action }) => Action !== without);
  return { Version: "2012-10-17", Statement };
}

/** Two buckets with faces below our prefix, and one face elsewhere. */
async function makeBuckets(moto: Moto): Promise<void> {
  const put = async (path: string, body?: Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(`${moto.endpoint}/${path}`, { method: "PUT", body });
    assert.ok(answer.ok, await answer.text());
  };
  for (const bucket of [BUCKET, "another"]) {
    await put(bucket);
    for (
      const key of ["faces/there.png", "faces/2026-01-31/12-00-00-000_door_0.png", "elsewhere/there.png"]
    ) {
      await put(`${bucket}/${key}`, picture(1));
    }
  }
}

/** The operations that succeed with the credentials in the environment, in our folder and elsewhere. */
async function abilities(endpoint: string): Promise<string[]> {
  const open = (bucket: string, prefix: string) =>
    openS3Store({
      bucket,
      prefix,
      endpoint,
      region: REGION,
      pathStyle: true,
      timeoutMs: 10_000,
      mayDelete: true,
    });
  const [ours, ...others] = [open(BUCKET, "faces/"), open(BUCKET, "elsewhere/"), open("another", "faces/")];
  await ours.check({ signal });
  const tries: Record<string, (store: Store) => Promise<unknown>> = {
    "put": (store) =>
      store.put("new.png", picture(1), { contentType: "image/png", metadata: {} }, { signal }),
    "get": (store) => store.get("there.png", { signal }),
    "list": (store) => store.fewNames({ signal }),
    "take another name": (store) => takeAnotherName(store),
    "delete": (store) => store.delete!("there.png", { signal }),
  };
  const could: string[] = [];
  for (const [name, attempt] of Object.entries(tries)) {
    if (await isAllowed(() => attempt(ours))) could.push(name);
    for (const other of others) {
      if (await isAllowed(() => attempt(other))) could.push(`${name} elsewhere`);
    }
  }
  return could;
}

/** Two faces in the same second, whose keys have one second's resolution. */
async function takeAnotherName(store: Store): Promise<void> {
  const template = new KeyTemplate(COURSE_KEY);
  const arrivedMs = Date.UTC(2026, 0, 31, 12);
  const save = (colour: number) =>
    saveFace(store, readFace(picture(colour)), { template, arrivedMs, signal });
  await save(3);
  assert.match(await save(4), /_2\.png$/);
}

async function isAllowed(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    assert.match(String(error), /Access ?Denied|not allowed to (read|delete)/i);
    return false;
  }
}

/** Puts credentials into the environment of this process, until the end of the scope. */
function inEnvironment(credentials: Credentials): Disposable {
  const before = new Map(Object.keys(credentials).map((name) => [name, Deno.env.get(name)]));
  for (const [name, value] of Object.entries(credentials)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}
