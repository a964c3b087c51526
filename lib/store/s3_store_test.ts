/** Answers of servers that are not S3, or support only a part of it. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { AlmostS3, type Fault, html, s3Error } from "../../test/servers/almost_s3.ts";
import { CutLink } from "../../test/servers/cut_link.ts";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { openS3Store } from "./s3_store.ts";
import { type Store, StoreError } from "./store.ts";

const signal = new AbortController().signal;
const info = { contentType: "image/png", metadata: {} };
const bytes = (text: string) => new TextEncoder().encode(text);

function test(sentence: string, run: (server: AlmostS3, store: Store) => Promise<void>): void {
  Deno.test(sentence, { ...needs("versitygw"), sanitizeResources: false }, async () => {
    await using server = await AlmostS3.start();
    await run(server, server.store());
  });
}

const put = (store: Store, key = "k.png") => store.put(key, bytes("one"), info, { signal });

async function failure(store: Store): Promise<Error> {
  try {
    await put(store);
  } catch (error) {
    return error as Error;
  }
  throw new Error("the put succeeded");
}

test(
  "every error has its status and code, and is about the store or about the object",
  async (server, store) => {
    const cases: [Response, "store" | "object", RegExp][] = [
      [html(413), "object", /answered 413 without an S3 error code \(text\/html\)$/],
      [html(403), "object", /answered 403 without/],
      [s3Error(403, "AccessDenied", "not you"), "object", /answered 403 AccessDenied: not you$/],
      [s3Error(400, "InvalidArgument", "bad name"), "object", /answered 400 InvalidArgument: bad name$/],
      [s3Error(403, "RequestTimeTooSkewed"), "store", /403 RequestTimeTooSkewed$/],
      [s3Error(400, "ExpiredToken"), "store", /400 ExpiredToken$/],
      [html(401), "store", /answered 401/],
      [html(404), "store", /answered 404/],
      [s3Error(409, "OperationAborted"), "store", /409/],
      [html(429), "store", /answered 429/],
      [
        new Response("plain text", { status: 500 }),
        "store",
        /answered 500 without an S3 error code \(text\/plain\)$/,
      ],
      [new Response(null, { status: 502 }), "store", /answered 502 without an S3 error code$/],
      [
        s3Error(503, "SlowDown", "Please\nreduce\u001b[31m your rate"),
        "store",
        /503 SlowDown: Please.+ your rate$/,
      ],
      [s3Error(507, "XMinioStorageFull"), "store", /507 XMinioStorageFull$/],
      [
        new Response(null, { status: 307, headers: { location: "http://127.0.0.1:9/" } }),
        "store",
        /answered 307/,
      ],
    ];
    for (const [answer, subject, text] of cases) {
      server.fault = () => answer.clone();
      const error = await failure(store);
      assert.ok(error instanceof StoreError, String(error));
      assert.match(error.message, text);
      assert.doesNotMatch(error.message, /Unknown|\p{Cc}/u);
      assert.equal(error.subject, subject, error.message);
    }
  },
);

test(
  "an object that never can be stored is a RejectedMessageError, an error that users can fix a ConfigError",
  async (server, store) => {
    for (const code of ["EntityTooLarge", "KeyTooLongError", "MetadataTooLarge"]) {
      server.fault = () => s3Error(400, code);
      assert.ok(await failure(store) instanceof RejectedMessageError, code);
    }
    for (const code of ["NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch"]) {
      server.fault = () => s3Error(403, code);
      assert.ok(await failure(store) instanceof ConfigError, code);
    }
  },
);

Deno.test(
  "a broken connection is an error of the store",
  { ...needs("versitygw"), sanitizeResources: false },
  async () => {
    await using server = await AlmostS3.start();
    await using link = new CutLink(Number(new URL(server.endpoint).port));
    const timeoutMs = 5_000;
    const endpoint = `http://127.0.0.1:${link.port}`;
    const store = openS3Store({ bucket: "faces", prefix: "", endpoint, pathStyle: true, timeoutMs });
    server.fault = () => void link.cut();
    const error = await failure(store);
    assert.ok(
      error instanceof StoreError && error.subject === "store" && error.kind === "network",
      String(error),
    );
  },
);

const etag = { etag: '"0123456789abcdef0123456789abcdef"' };
const LIES: Record<string, Fault> = {
  "200 with nothing": () => new Response(null),
  "200 with HTML, as a captive portal": () => html(200),
  "200 with another ETag": ({ method }) =>
    method === "PUT" ? new Response(null, { headers: etag }) : undefined,
  "200 with the same made-up ETag to everything": ({ method }) =>
    new Response(method === "HEAD" ? null : "", { headers: etag }),
  "200 without an ETag, and 403 to HEAD": ({ method }) => method === "PUT" ? new Response(null) : html(403),
};
for (const [lie, fault] of Object.entries(LIES)) {
  test(
    `an answer that does not confirm the object counts for nothing: ${lie}`,
    async (server, store) => {
      server.fault = fault;
      for (const ifAbsent of [false, true]) {
        const put = store.put("k.png", bytes("one"), info, { signal, ifAbsent });
        const outcome = await put.catch((error) => error);
        const isStores = outcome instanceof ConfigError ||
          (outcome instanceof StoreError && outcome.subject === "store");
        // "The key is taken" means that nothing was stored, too.
        assert.ok(isStores || (ifAbsent && outcome === false), String(outcome));
      }
      assert.equal((await server.real.objects()).size, 0);
    },
  );
}

test(
  "whatever does not confirm the object is one kind of failure, so that it is reported once",
  async (server, store) => {
    const said = [];
    for (const methods of [["PUT"], ["PUT", "HEAD"]]) {
      server.fault = ({ method }) => methods.includes(method) ? new Response(null) : undefined;
      said.push(await store.put("k.png", bytes("one"), info, { signal }).catch((error) => error));
    }
    assert.match(said[0].message, /nothing shows/);
    assert.match(said[1].message, /without an ETag/);
    assert.deepEqual(said.map(({ kind }) => kind), ["200", "200"]);
  },
);

test(
  "an older object under the same key does not confirm a lost put",
  async (server, store) => {
    await store.put("k.png", bytes("one"), { ...info, metadata: { sha256: "of another" } }, { signal });
    server.fault = ({ method }) => method === "PUT" ? new Response(null) : undefined;
    await assert.rejects(store.put("k.png", bytes("two"), info, { signal }), /nothing shows/);
  },
);

test(
  "a denied deletion is an error with the status 403, and a lost bucket is no deletion",
  async (server, store) => {
    const thrown = () => store.delete!("k.png", { signal }).then(() => undefined, (error) => error);
    for (const answer of [s3Error(403, "AccessDenied", "not you"), html(403)]) {
      server.fault = ({ method }) => method === "DELETE" ? answer : undefined;
      const error = await thrown();
      assert.ok(error instanceof StoreError);
      assert.deepEqual([error.status, error.message], [
        403,
        `not allowed to delete in "${server.real.bucket}"`,
      ]);
    }
    server.fault = () => s3Error(404, "NoSuchBucket");
    assert.ok(await thrown() instanceof ConfigError);
    server.fault = () => s3Error(503, "SlowDown");
    assert.ok(await thrown() instanceof StoreError);
    server.fault = () => s3Error(404, "NoSuchKey");
    assert.equal(await thrown(), undefined);
  },
);

test("an answer that is not a listing is not an empty store", async (server, store) => {
  server.fault = () => html(200);
  await assert.rejects(Array.fromAsync(store.list({ signal })), StoreError);
});

Deno.test("an unsupported feature is reported once, and not used again", {
  ...needs("versitygw"),
  sanitizeResources: false,
}, async () => {
  const missing: string[] = [];
  await using server = await AlmostS3.start(({ headers }) =>
    headers.has("x-amz-checksum-sha256")
      ? s3Error(400, "InvalidArgument", "Unsupported header 'x-amz-checksum-sha256'")
      : headers.has("if-none-match")
      ? html(501)
      : undefined
  );
  const store = server.store({ onUnsupported: (what) => missing.push(what) });
  await store.check({ signal, ifAbsent: true });
  server.requests.length = 0;
  for (const key of ["a.png", "b.png", "c.png"]) {
    await store.put(key, bytes(key), info, { signal, ifAbsent: true });
  }
  assert.equal(server.count("PUT"), 3);
  assert.ok(
    server.requests.filter(({ method }) => method === "PUT").every(({ headers }) =>
      headers.has("content-md5")
    ),
  );
  assert.deepEqual(missing.map((what) => what.split(" ", 2).join(" ")).sort(), [
    "SHA-256 checksums",
    "conditional writes",
  ]);
});

Deno.test("an ignored If-None-Match is reported at the start", {
  ...needs("versitygw"),
  sanitizeResources: false,
}, async () => {
  const missing: string[] = [];
  await using server = await AlmostS3.start((request) =>
    request.headers.has("if-none-match") ? server.putWithout(request) : undefined
  );
  const store = server.store({ prefix: "door/", onUnsupported: (what) => missing.push(what) });
  await store.check({ signal, ifAbsent: true });
  assert.match(missing.join(), /^conditional writes \(If-None-Match is ignored\); .*one saver only$/);
  assert.equal((await server.real.objects()).size, 0, "and the trial is removed");
});

test("a rejected object does not change which features the store uses", async (server, store) => {
  await store.check({ signal, ifAbsent: true });
  server.fault = ({ key, method }) => key === "bad.png" && method === "PUT" ? html(400) : undefined;
  await assert.rejects(store.put("bad.png", bytes("one"), info, { signal, ifAbsent: true }), /400/);
  server.requests.length = 0;
  await store.put("good.png", bytes("one"), info, { signal, ifAbsent: true });
  const [{ headers }] = server.requests;
  assert.ok(headers.has("x-amz-checksum-sha256") && headers.has("if-none-match"));
});

test(
  "the region of another server than AWS is looked up once, not before each request",
  async (server, store) => {
    const before = Deno.env.get("AWS_REGION");
    server.fault = () => s3Error(503, "SlowDown");
    try {
      await failure(store);
      Deno.env.set("AWS_REGION", "eu-west-1");
      await failure(store);
      const regions = server.requests.map(({ headers }) => headers.get("authorization")?.split("/")[2]);
      assert.deepEqual(new Set(regions), new Set(["us-east-1"]));
    } finally {
      if (before === undefined) Deno.env.delete("AWS_REGION");
      else Deno.env.set("AWS_REGION", before);
    }
  },
);
