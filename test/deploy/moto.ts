/** A stand-in for AWS: moto, with the identities that policies are tried with. */
import { join } from "node:path";
import { findParts } from "../parts.ts";
import { freePort } from "../servers/free_port.ts";
import { Server } from "../servers/server.ts";

/** Credentials as AWS programs take them from the environment. */
export interface Credentials {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN?: string;
}

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";
const OWNER: Credentials = { AWS_ACCESS_KEY_ID: "owner", AWS_SECRET_ACCESS_KEY: "secret" };

/**
 * A moto server: AWS on this machine, empty at the start. It lets everybody do everything until {@link enforce}; from
 * then on it checks signatures, and actions and resources against the policies of whoever asks. It does not evaluate
 * conditions: `Bool` and `StringLike` count as met. `policy_gate.ts` is for those.
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

  /** What the AWS CLI answers; throws when it fails. */
  async aws(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("aws", args);
    if (code !== 0) throw new Error(`aws ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** What a Python program prints; throws when it fails. */
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
  async run(program: string, args: string[], credentials: Credentials = OWNER): Promise<Ended> {
    const command = new Deno.Command(program, {
      args,
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
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** From now on everybody may do only what policies say; `false`: no longer. */
  async enforce(enforced = true): Promise<void> {
    const body = enforced ? "0" : "inf";
    const answer = await fetch(`${this.endpoint}/moto-api/reset-auth`, { method: "POST", body });
    if (!answer.ok) throw new Error(`moto answers ${answer.status}`);
    await answer.body?.cancel();
  }

  /** The credentials that an instance with the role would find. */
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
