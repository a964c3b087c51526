/** deploy/aws/template.yaml is valid, agrees with the files beside it, and becomes a stack on moto. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { needs } from "../needs.ts";
import { AWS, BUCKET, everything, imageOf, MOTO_IMAGES, policies, policy } from "./aws.ts";
import { Moto, REGION } from "./moto.ts";

Deno.test(
  "the template passes cfn-lint, agrees with the files beside it, and becomes a stack",
  needs("awsTools"),
  async () => {
    await using moto = await Moto.start();
    const file = join(AWS, "template.yaml");
    const lint = await moto.run("cfn-lint", ["--regions", REGION, "us-east-1", "--", file]);
    assert.equal(lint.code, 0, lint.stdout);

    const { Resources, Parameters } = await templateOf(moto, file);
    assert.match(Parameters.ImageArm64.Default, /^\/aws\/service\/debian\/release\/12\/latest\/arm64$/);
    assert.match(Parameters.ImageX8664.Default, /^\/aws\/service\/debian\/release\/12\/latest\/amd64$/);
    for (const network of ["203.0.113.7/32", "anywhere"]) {
      assert.match(
        network,
        new RegExp(Parameters.SshFrom.AllowedPattern),
      );
    }
    assert.doesNotMatch("0.0.0.0/0", new RegExp(Parameters.SshFrom.AllowedPattern));
    // moto neither applies nor shows these.
    assert.deepEqual(filledIn(Resources.BucketPolicy.Properties.PolicyDocument), await policy("bucket"));
    assert.equal(Resources.Bucket.DeletionPolicy, "RetainExceptOnCreate");
    assert.deepEqual(
      Object.values(Resources.Bucket.Properties.PublicAccessBlockConfiguration),
      Array(4).fill(true),
    );
    const [uploads, { "Fn::If": [condition, expiry] }] =
      Resources.Bucket.Properties.LifecycleConfiguration.Rules;
    assert.deepEqual([uploads.AbortIncompleteMultipartUpload, condition], [
      { DaysAfterInitiation: 7 },
      "FacesExpire",
    ]);
    assert.deepEqual(filledIn([expiry.Prefix, expiry.ExpirationInDays]), ["faces/", { Ref: "KeepDays" }]);
    const { UserData, MetadataOptions, BlockDeviceMappings } = Resources.Instance.Properties;
    assert.equal(UserData["Fn::Base64"], await Deno.readTextFile(join(AWS, "user-data")));
    assert.equal(MetadataOptions.HttpTokens, "required");
    assert.equal(BlockDeviceMappings[0].Ebs.Encrypted, true);

    const stack = await stackOf(moto, file, {
      Gallery: "yes",
      AnyKey: "yes",
      PlainMqtt: "yes",
      Architecture: "x86_64",
    });
    assert.equal(stack.Store, `s3://${BUCKET}/faces`);
    const there = await everything(moto);
    assert.deepEqual(there.roles, {
      [stack.Role]: {
        trust: await policy("instance"),
        policies: await policies("saver", "any-key", "gallery"),
      },
    });
    assert.deepEqual(there.rules, [
      "tcp 1883 0.0.0.0/0",
      "tcp 22 203.0.113.7/32",
      "tcp 30003 0.0.0.0/0",
      "tcp 8883 0.0.0.0/0",
    ]);
    assert.deepEqual(there.instances.map(({ image }) => image), [await imageOf(moto, "x86_64")]);
    await moto.aws("cloudformation", "delete-stack", "--stack-name", "haarlem");
    assert.deepEqual((await everything(moto)).instances, []);
  },
);

/** The template as JSON, with the short forms of functions written out. */
// deno-lint-ignore no-explicit-any
async function templateOf(moto: Moto, file: string): Promise<any> {
  return JSON.parse(await moto.python(join(import.meta.dirname!, "template_as_json.py"), [file]));
}

/** The result of `Fn::Sub` for a part of the template. */
function filledIn(part: unknown): unknown {
  const values: Record<string, string> = { "AWS::Partition": "aws", Bucket: BUCKET, Prefix: "faces" };
  return JSON.parse(JSON.stringify(part), (_, value) => {
    const text = value?.["Fn::Sub"];
    return typeof text === "string" ? text.replaceAll(/\$\{([\w:]+)\}/g, (_, name) => values[name]) : value;
  });
}

/** Creates a stack from the template and returns its outputs. */
async function stackOf(
  moto: Moto,
  file: string,
  parameters: Record<string, string>,
): Promise<Record<string, string>> {
  await moto.aws("ec2", "create-key-pair", "--key-name", "mine");
  const text = await Deno.readTextFile(file);
  const body = text.replace(/\/aws\/service\/debian\S+arm64/, `${MOTO_IMAGES}-arm64`)
    .replace(/\/aws\/service\/debian\S+amd64/, `${MOTO_IMAGES}-x86_64`);
  const all = { SshFrom: "203.0.113.7/32", BoardsFrom: "anywhere", KeyName: "mine", ...parameters };
  const pairs = Object.entries(all).map(([key, value]) => `ParameterKey=${key},ParameterValue=${value}`);
  const stack = ["--stack-name", "haarlem"];
  const made = ["--template-body", body, "--capabilities", "CAPABILITY_IAM", "--parameters", ...pairs];
  await moto.aws("cloudformation", "create-stack", ...stack, ...made);
  await moto.aws("cloudformation", "wait", "stack-create-complete", ...stack);
  const answer = JSON.parse(await moto.aws("cloudformation", "describe-stacks", ...stack));
  const outputs: { OutputKey: string; OutputValue: string }[] = answer.Stacks[0].Outputs;
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}
