/** Paths, names and the inventory of an AWS account, for the tests of deploy/aws. */
import { join } from "node:path";
import { encodePng } from "../../lib/image/png.ts";
import { ACCOUNT, type Moto, REGION } from "./moto.ts";
import type { Policy } from "./policy_gate.ts";

export const AWS = join(import.meta.dirname!, "../../deploy/aws");
/** The default bucket. */
export const BUCKET = `haarlem-${ACCOUNT}-${REGION}`;
/** moto has only Amazon's own images. */
export const MOTO_IMAGES = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default";

/** Everything in an account that deploy/aws can create. */
export interface Everything {
  keyPairs: string[];
  groups: string[];
  rules: string[];
  instances: Record<string, unknown>[];
  roles: Record<string, { trust: Policy; policies: Record<string, Policy> }>;
  profiles: string[];
  buckets: Record<string, Bucket>;
}

/** A bucket; `null` stands for a part that it does not have. */
export interface Bucket {
  publicAccessBlock: unknown;
  encryption: unknown;
  lifecycle: unknown;
  policy: unknown;
  faces: string[];
}

/** The account before and after. */
export const NOTHING: Everything = {
  keyPairs: [],
  groups: [],
  rules: [],
  instances: [],
  roles: {},
  profiles: [],
  buckets: {},
};

/** The inventory of moto's account. */
export async function everything(moto: Moto): Promise<Everything> {
  return JSON.parse(await moto.python(join(import.meta.dirname!, "everything.py")));
}

/** The newest image of a machine. */
export function imageOf(moto: Moto, arch: string): Promise<string> {
  const query = ["--query", "Parameter.Value", "--output", "text"];
  return moto.aws("ssm", "get-parameter", "--name", `${MOTO_IMAGES}-${arch}`, ...query);
}

/** One of deploy/aws/policies, for the default bucket and prefix. */
export async function policy(name: string): Promise<Policy> {
  const text = await Deno.readTextFile(join(AWS, `policies/${name}.json`));
  return JSON.parse(text.replaceAll("BUCKET", BUCKET).replaceAll("PREFIX", "faces"));
}

/** Some of deploy/aws/policies by name, as a role has them. */
export async function policies(...names: string[]): Promise<Record<string, Policy>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await policy(name)])));
}

/** A third-party picture of one colour. */
export function picture(colour: number): Uint8Array<ArrayBuffer> {
  return encodePng({ width: 24, height: 24, rgb: new Uint8Array(24 * 24 * 3).fill(colour) });
}
