/** What the tests of deploy/aws share: where things are, and what is there. */
import { join } from "node:path";
import { encodePng } from "../../lib/image/png.ts";
import { ACCOUNT, type Moto, REGION } from "./moto.ts";
import type { Policy } from "./policy_gate.ts";

export const AWS = join(import.meta.dirname!, "../../deploy/aws");
/** The bucket that is made when no other is named. */
export const BUCKET = `haarlem-${ACCOUNT}-${REGION}`;
/** moto knows Amazon's own images only. */
export const MOTO_IMAGES = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default";

/** Everything there may be. */
export interface Everything {
  keyPairs: string[];
  groups: string[];
  rules: string[];
  instances: Record<string, unknown>[];
  roles: Record<string, { trust: Policy; policies: Record<string, Policy> }>;
  profiles: string[];
  buckets: Record<string, Bucket>;
}

/** A bucket; what it does not have is null. */
export interface Bucket {
  publicAccessBlock: unknown;
  encryption: unknown;
  lifecycle: unknown;
  policy: unknown;
  faces: string[];
}

/** Before and after. */
export const NOTHING: Everything = {
  keyPairs: [],
  groups: [],
  rules: [],
  instances: [],
  roles: {},
  profiles: [],
  buckets: {},
};

/** Asks moto. */
export async function everything(moto: Moto): Promise<Everything> {
  return JSON.parse(await moto.python(join(import.meta.dirname!, "everything.py")));
}

/** The image that a machine of today would start from. */
export function imageOf(moto: Moto, arch: string): Promise<string> {
  const query = ["--query", "Parameter.Value", "--output", "text"];
  return moto.aws("ssm", "get-parameter", "--name", `${MOTO_IMAGES}-${arch}`, ...query);
}

/** One of deploy/aws/policies, for the bucket and prefix that are made when nothing else is said. */
export async function policy(name: string): Promise<Policy> {
  const text = await Deno.readTextFile(join(AWS, `policies/${name}.json`));
  return JSON.parse(text.replaceAll("BUCKET", BUCKET).replaceAll("PREFIX", "faces"));
}

/** Some of deploy/aws/policies by name, as a role carries them. */
export async function policies(...names: string[]): Promise<Record<string, Policy>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await policy(name)])));
}

/** A picture of one colour, as a stranger would send it. */
export function picture(colour: number): Uint8Array<ArrayBuffer> {
  return encodePng({ width: 24, height: 24, rgb: new Uint8Array(24 * 24 * 3).fill(colour) });
}
