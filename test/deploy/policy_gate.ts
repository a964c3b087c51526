/** The part of IAM that deploy/aws/policies use, with the conditions that moto does not evaluate. */

/** A policy document. */
export interface Policy {
  Version: string;
  Statement: Statement[];
}

/** What a policy allows or denies. */
export interface Statement {
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** A request in IAM's terms. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, such as `s3:prefix`. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Whether the policies allow a request: one statement allows it and none denies it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function allows(policies: readonly Policy[], request: Request): boolean {
  const effects = policies.flatMap(({ Statement }) => Statement)
    .filter((statement) => concerns(statement, request))
    .map(({ Effect }) => Effect);
  return effects.includes("Allow") && !effects.includes("Deny");
}

function concerns({ Action, Resource, Condition = {} }: Statement, request: Request): boolean {
  return matches(Action, request.action) && matches(Resource, request.resource) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => isMet(operator, wanted, request.context[key]))
    );
}

/** A key that the request does not have meets no condition. */
function isMet(operator: string, wanted: string | string[], there: string | undefined): boolean {
  if (operator === "StringLike") return there !== undefined && matches(wanted, there);
  if (operator === "Bool") return there === wanted;
  throw new Error(`cannot evaluate "${operator}"`);
}

function matches(patterns: string | string[], text: string): boolean {
  return [patterns].flat().some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[^A-Za-z0-9]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
  });
}

/** A proxy in front of an S3 server without policies; it passes on the requests that the policies allow. */
export class PolicyGate implements AsyncDisposable {
  readonly endpoint: string;
  /** The requests, in order. */
  readonly asked: Request[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(private readonly server: string, public policies: readonly Policy[]) {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async #answer(request: globalThis.Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const asked = requestOf(request);
    this.asked.push(asked);
    const body = request.body && await request.bytes();
    if (!allows(this.policies, asked)) {
      const error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
      return new Response(error, { status: 403, headers: { "Content-Type": "application/xml" } });
    }
    const { method } = request;
    const headers = new Headers(request.headers);
    headers.delete("host");
    return await fetch(this.server + pathname + search, { method, headers, body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A request of S3's protocol, with the bucket in the path, as IAM sees it. */
function requestOf({ method, url }: globalThis.Request): Request {
  const { pathname, searchParams } = new URL(url);
  const [bucket, ...rest] = decodeURIComponent(pathname.slice(1)).split("/");
  const key = rest.join("/");
  const resource = `arn:aws:s3:::${bucket}${key && `/${key}`}`;
  const context = { "aws:SecureTransport": "false" };
  if (method === "GET" && key === "") {
    const prefix = searchParams.get("prefix");
    return {
      action: "s3:ListBucket",
      resource,
      context: { ...context, ...(prefix && { "s3:prefix": prefix }) },
    };
  }
  const action =
    { GET: "s3:GetObject", HEAD: "s3:GetObject", PUT: "s3:PutObject", DELETE: "s3:DeleteObject" }[method];
  if (!action) throw new Error(`cannot name the action of ${method} ${pathname}`);
  return { action, resource, context };
}
