/** moto, a stand-in for AWS. */
import { join } from "node:path";
import { type CommandResult, LONG, output } from "../../lib/testing/command.ts";
import { findParts } from "../parts.ts";
import { freePort } from "../servers/free_port.ts";
import { Server } from "../servers/server.ts";

/** Credentials as AWS programs read them from the environment. */
export interface Credentials {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN?: string;
}

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";
const OWNER: Credentials = { AWS_ACCESS_KEY_ID: "owner", AWS_SECRET_ACCESS_KEY: "secret" };

/**
 * A moto server: AWS on this machine, empty at the start. It allows everything until {@link enforce}; from then on it
 * checks signatures, and compares actions and resources with the policies of the caller. It does not evaluate
 * conditions: `Bool` and `StringLike` count as met. `policy_gate.ts` evaluates those.
 */
export class Moto extends Server {
  readonly endpoint: string;
  readonly #tools: string;

  private constructor(port: number, tools: string) {
    super(port, join(tools, "bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)], {
      PYTHONPATH: tools,
    });
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#tools = tools;
  }

  /** Starts one on a free port. */
  static async start(): Promise<Moto> {
    const moto = new Moto(freePort(), findParts().awsTools!);
    await moto.start();
    return moto;
  }

  /** The output of the AWS CLI; throws when it fails. */
  async aws(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("aws", args);
    if (code !== 0) throw new Error(`aws ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** The output of a Python program; throws when it fails. */
  async python(program: string, args: string[] = [], credentials = OWNER): Promise<string> {
    const { code, stdout, stderr } = await this.run(
      join(this.#tools, "python"),
      [program, ...args],
      credentials,
    );
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Runs a program that may call `aws`. */
  async run(program: string, args: string[], credentials: Credentials = OWNER): Promise<CommandResult> {
    return await output(program, args, {
      ...LONG,
      clearEnv: true,
      env: {
        PATH: `${this.#tools}/bin:/usr/bin:/bin`,
        PYTHONPATH: this.#tools,
        HOME: "/nonexistent",
        AWS_ENDPOINT_URL: this.endpoint,
        AWS_DEFAULT_REGION: REGION,
        AWS_REGION: REGION,
        ...credentials,
      },
    });
  }

  /** Switches the check of signatures and policies on or off. */
  async enforce(enforced = true): Promise<void> {
    const body = enforced ? "0" : "inf";
    const answer = await fetch(`${this.endpoint}/moto-api/reset-auth`, { method: "POST", body });
    if (!answer.ok) throw new Error(`moto answers ${answer.status}`);
    await answer.body?.cancel();
  }

  /** The credentials of an instance with the role. */
  async assume(role: string): Promise<Credentials> {
    const arn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
    const answer = await this.aws("sts", "assume-role", "--role-arn", arn, "--role-session-name", "test");
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(answer).Credentials;
    return {
      AWS_ACCESS_KEY_ID: AccessKeyId,
      AWS_SECRET_ACCESS_KEY: SecretAccessKey,
      AWS_SESSION_TOKEN: SessionToken,
    };
  }
}
