/** deploy/aws/up creates everything once, and undo removes it, against moto. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { output } from "../../lib/testing/command.ts";
import { connected } from "../../lib/testing/test_bus.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";
import {
  AWS,
  BUCKET,
  type Everything,
  everything,
  imageOf,
  MOTO_IMAGES,
  NOTHING,
  picture,
  policies,
  policy,
} from "./aws.ts";
import { type Credentials, Moto, REGION } from "./moto.ts";

const ROLE = `haarlem-${REGION}`;

Deno.test("the scripts for AWS pass shellcheck", needs("shellcheck"), async () => {
  const args = ["-x", ...["up", "undo", "common.sh", "user-data"].map((name) => join(AWS, name))];
  const { code, stdout } = await output(findParts().shellcheck!, args);
  assert.equal(code, 0, stdout);
});

Deno.test("up refuses wrong settings before any request to AWS", async () => {
  const wrong: [string[], RegExp][] = [
    [[], /^--from is required/],
    [["--from", "0.0.0.0/0"], /^cannot use --from "0.0.0.0\/0": .* the word anywhere\n/],
    [["--from", "203.0.113.7"], /^cannot use --from "203.0.113.7"/],
    [["--from", "anywhere", "--boards", "0.0.0.0/0"], /^cannot use --boards/],
    [["--from", "anywhere", "--arch", "mips"], /^cannot use --arch "mips"/],
    [["--from", "anywhere", "--keep-days", "-1"], /^cannot use --keep-days/],
    [["--from", "anywhere", "--prefix", "/"], /^cannot use --prefix/],
    [["--from", "anywhere", "--image", "ami-0123"], /^cannot use --image/],
    [["--from", "anywhere", "--name", "A'; rm"], /^cannot use --name/],
    [["--from", "anywhere", "--open-sesame"], /^"--open-sesame" is not an option/],
  ];
  for (const [args, says] of wrong) {
    const env = { PATH: "/usr/bin:/bin", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const { code, stderr } = await output(join(AWS, "up"), args, { env });
    assert.match(stderr, says);
    assert.match(stderr, /\nTry: .+\n$/);
    assert.equal(code, 78);
  }
});

Deno.test(
  "up creates everything once, a saver stores faces with the instance's role, undo removes everything",
  { ...needs("awsTools", "mosquitto"), sanitizeResources: false },
  async () => {
    await using moto = await Moto.start();
    const folder = await Deno.makeTempDir({ prefix: "aws-" });
    const keyFile = join(folder, "key.pem");
    const up = (...args: string[]) =>
      script(moto, "up", ["--image", `${MOTO_IMAGES}-arm64`, "--key-file", keyFile, ...args]);
    const undo = (...args: string[]) => script(moto, "undo", ["--key-file", keyFile, ...args]);

    const made = await up("--from", "203.0.113.7/32");
    assert.match(made, /^\$ aws ec2 run-instances /m);
    const first = await everything(moto);
    assert.deepEqual(first, await expected(moto, first.instances[0].id));
    assert.equal((await Deno.stat(keyFile)).mode! & 0o777, 0o600);

    const again = await up("--from", "203.0.113.7/32");
    assert.deepEqual(commands(again), []);
    assert.match(again, /^nothing changed$/m);
    assert.deepEqual(await everything(moto), first);

    // moto does not evaluate the condition "only TLS", and has no TLS here.
    await moto.aws("s3api", "delete-bucket-policy", "--bucket", BUCKET);
    await saverStoresWith(moto, await moto.assume(ROLE));

    const more = ["--plain-mqtt", "--no-homework-port", "--gallery", "--any-key", "--keep-days", "0"];
    const looked = await up("--from", "anywhere", ...more, "--dry-run");
    assert.deepEqual((await everything(moto)).rules, first.rules, "--dry-run only looks");
    assert.deepEqual(commands(await up("--from", "anywhere", ...more)), commands(looked));
    const second = await everything(moto);
    assert.deepEqual(second.instances, first.instances);
    assert.deepEqual(second.rules, ["tcp 1883 0.0.0.0/0", "tcp 22 0.0.0.0/0", "tcp 8883 0.0.0.0/0"]);
    assert.deepEqual(second.roles[ROLE].policies, await policies("saver", "any-key", "gallery"));
    assert.doesNotMatch(JSON.stringify(second.buckets[BUCKET].lifecycle), /Days":365/);
    await moto.aws("s3api", "delete-bucket-policy", "--bucket", BUCKET);

    assert.match(await undo(), /^the bucket .* is kept: it contains faces/m);
    const { buckets, ...others } = await everything(moto);
    assert.deepEqual({ ...others, buckets: {} }, NOTHING);
    assert.equal(buckets[BUCKET].faces.length, 1);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), [], "the private key is gone");
    assert.deepEqual(commands(await undo("--delete-faces")), [`$ aws s3 rb s3://${BUCKET} --force`]);
    assert.deepEqual(await everything(moto), NOTHING);
    assert.equal(await undo(), "nothing to remove\n");
    await Deno.remove(folder);
  },
);

Deno.test("up and undo change nothing that they did not create", needs("awsTools"), async () => {
  await using moto = await Moto.start();
  await moto.aws("s3", "mb", `s3://${BUCKET}`);
  await moto.aws("s3api", "put-object", "--bucket", BUCKET, "--key", "thesis.pdf");
  const keyFile = await Deno.makeTempFile();
  const refuses = async (args: string[], says: RegExp) => {
    const others = ["--from", "203.0.113.7/32", "--image", `${MOTO_IMAGES}-arm64`, "--key-file", keyFile];
    const { code, stderr } = await moto.run(join(AWS, "up"), [...others, ...args]);
    assert.match(stderr, says);
    assert.equal(code, 78);
  };
  await refuses([], /^cannot use the bucket ".*": it is in use for something else\nTry: /);
  await refuses(
    ["--bucket", "free", "--dry-run"],
    /^cannot write the private key to ".*": the file exists, but its key pair does not\nTry: /,
  );
  await refuses(["--image", "/no/such/parameter"], /^cannot use --image "\/no\/such\/parameter"/);
  assert.match(
    await script(moto, "undo", ["--delete-faces"]),
    /is kept: it does not belong to this deployment/,
  );
  await Deno.remove(keyFile);
  const { buckets, ...others } = await everything(moto);
  assert.deepEqual({ ...others, buckets: {} }, NOTHING);
  assert.deepEqual(Object.keys(buckets), [BUCKET]);
  const { faces, ...settings } = buckets[BUCKET];
  assert.deepEqual(faces, ["thesis.pdf"]);
  assert.deepEqual([settings.lifecycle, settings.policy, settings.publicAccessBlock], [null, null, null]);
});

/** Runs one of our scripts, which must succeed, and returns what it printed. */
async function script(moto: Moto, name: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await moto.run(join(AWS, name), args);
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, "");
  return stdout;
}

/** The commands in what a script printed, without the ids that differ. */
function commands(printed: string): string[] {
  return printed.split("\n").filter((line) => line.startsWith("$ ")).map((line) =>
    line.replaceAll(/\bsg-\w+|'\(new\)'/g, "SG")
  );
}

/** The account after up with --from only. */
async function expected(moto: Moto, id: unknown): Promise<Everything> {
  const instance = {
    id,
    state: "running",
    type: "t4g.micro",
    image: await imageOf(moto, "arm64"),
    key: "haarlem",
    profile: ROLE,
    groups: ["haarlem"],
    tokens: "required",
  };
  const bucket = {
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    encryption: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
    },
    lifecycle: [
      {
        ID: "end-uploads",
        Filter: { Prefix: "" },
        Status: "Enabled",
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      { ID: "expire-faces", Filter: { Prefix: "faces/" }, Status: "Enabled", Expiration: { Days: 365 } },
    ],
    policy: await policy("bucket"),
    faces: [],
  };
  return {
    keyPairs: ["haarlem"],
    groups: ["haarlem"],
    rules: ["tcp 22 203.0.113.7/32", "tcp 30003 203.0.113.7/32", "tcp 8883 203.0.113.7/32"],
    instances: [instance],
    roles: { [ROLE]: { trust: await policy("instance"), policies: await policies("saver") } },
    profiles: [ROLE],
    buckets: { [BUCKET]: bucket },
  };
}

/** The saver stores a face with the role's credentials, and none without them. */
async function saverStoresWith(moto: Moto, credentials: Credentials): Promise<void> {
  await using broker = await Mosquitto.start();
  const store = ["--store", `s3://${BUCKET}/faces`, "--s3-endpoint", moto.endpoint, "--s3-region", REGION];
  await moto.enforce();
  await using saver = new RunningProgram(
    "saver",
    ["--broker", broker.url, "--log-level", "debug", ...store],
    {
      env: { ...credentials },
    },
  );
  await saver.printed(/connected to the broker/);
  const bus = openMqttBus({ url: new URL(broker.url), clientId: "test", statusTopic: "test" });
  try {
    await connected(bus);
    await bus.publish("face_detection", picture(1), { qos: 1 });
    await saver.printed(/stored/);
    assert.doesNotMatch(saver.stderr, /cannot store|does not answer/);
    await moto.enforce(false);
    await moto.aws("iam", "delete-role-policy", "--role-name", ROLE, "--policy-name", "saver");
    await moto.enforce();
    await bus.publish("face_detection", picture(2), { qos: 1 });
    await saver.printed(/cannot store: .*Access Denied/);
  } finally {
    await bus.close();
    await saver.kill();
    await moto.enforce(false);
  }
}
