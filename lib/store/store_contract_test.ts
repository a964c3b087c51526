/** The contract of the store, tested on every kind of store. */
import assert from "node:assert/strict";
import { needs } from "../../test/needs.ts";
import { AlmostS3, type Fault, html, s3Error, type S3Request } from "../../test/servers/almost_s3.ts";
import { S3Server } from "../../test/servers/s3_server.ts";
import { openFolderStore } from "./folder_store.ts";
import type { Store } from "./store.ts";

const signal = new AbortController().signal;
const info = { contentType: "image/png", metadata: { camera: "door" } };
const bytes = (text: string) => new TextEncoder().encode(text);

interface Fixture extends AsyncDisposable {
  readonly store: Store;
}

async function folder(): Promise<Fixture> {
  const path = await Deno.makeTempDir();
  return {
    store: openFolderStore(path, { mayDelete: true }),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** A folder as on exFAT, FAT and many network shares, which have no hard links. */
async function folderWithoutLinks(): Promise<Fixture> {
  const fixture = await folder();
  const { link } = Deno;
  Deno.link = () =>
    Promise.reject(
      Object.assign(new Deno.errors.PermissionDenied("Operation not permitted"), { code: "EPERM" }),
    );
  return {
    ...fixture,
    [Symbol.asyncDispose]: () => {
      Deno.link = link;
      return fixture[Symbol.asyncDispose]();
    },
  };
}

async function bucket(prefix: string): Promise<Fixture> {
  const server = await S3Server.start();
  return { store: server.store({ prefix }), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A bucket on a server that lacks a feature. */
async function lacking(fault: (request: S3Request, server: AlmostS3) => ReturnType<Fault>): Promise<Fixture> {
  const server = await AlmostS3.start((request): ReturnType<Fault> => fault(request, server));
  return { store: server.store(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const isConditional = ({ headers }: S3Request) => headers.has("if-none-match");
const hasChecksum = ({ headers }: S3Request) =>
  Array.from(headers.keys()).some((name) => name.startsWith("x-amz-checksum-"));
const OTHER_ETAG = /^"?[0-9a-f]{32}"?$/;

const LACKS: Record<string, (request: S3Request, server: AlmostS3) => ReturnType<Fault>> = {
  "ignores If-None-Match": (request, server) =>
    isConditional(request) ? server.putWithout(request) : undefined,
  "answers 501 to If-None-Match": (request) =>
    isConditional(request) ? s3Error(501, "NotImplemented", "A header you provided") : undefined,
  "answers 501 as HTML to If-None-Match": (request) => isConditional(request) ? html(501) : undefined,
  "answers 400 to If-None-Match": (request) =>
    isConditional(request) ? s3Error(400, "InvalidRequest", "unknown header") : undefined,
  "refuses x-amz-checksum-*": (request) =>
    hasChecksum(request)
      ? s3Error(
        400,
        "InvalidArgument",
        "Unsupported header 'x-amz-checksum-sha256' received for this API call.",
      )
      : undefined,
  "refuses checksums, and ignores If-None-Match": (request, server) =>
    hasChecksum(request)
      ? s3Error(400, "InvalidArgument")
      : isConditional(request)
      ? server.putWithout(request)
      : undefined,
  "refuses every checksum and If-None-Match": (request) =>
    hasChecksum(request) || request.headers.has("content-md5") || isConditional(request)
      ? html(400)
      : undefined,
  "ignores ranges": (request, server) =>
    request.headers.has("range") ? server.getWithout(request) : undefined,
  "answers with ETags that are not the MD5": async (request, server) => {
    if (request.method !== "PUT" || isConditional(request)) return undefined;
    const { headers } = await server.putWithout(request);
    assert.match(headers.get("etag")!, OTHER_ETAG);
    return new Response(null, { headers: {} });
  },
};

const KINDS: [string, () => Promise<Fixture>, Partial<Deno.TestDefinition>][] = [
  ["a folder", folder, {}],
  ["a folder without hard links", folderWithoutLinks, {}],
  ["a bucket", () => bucket(""), needs("versitygw")],
  ["a bucket with a prefix", () => bucket("deep/down/"), needs("versitygw")],
  ...Object.entries(LACKS).map(([lack, fault]): [string, () => Promise<Fixture>, { ignore: boolean }] => [
    `a server that ${lack}`,
    () => lacking(fault),
    needs("versitygw"),
  ]),
];

for (const [kind, open, options] of KINDS) {
  const test = (sentence: string, run: (store: Store) => Promise<void>) =>
    Deno.test(`${kind}: ${sentence}`, { ...options, sanitizeResources: false }, async () => {
      await using fixture = await open();
      await run(fixture.store);
    });
  const keys = async (store: Store, options: { prefix?: string; after?: string } = {}) =>
    (await Array.fromAsync(store.list({ ...options, signal }))).map(({ key }) => key);

  test("can be checked", (store) => store.check({ signal }));

  test("returns what was put, and nothing for a missing key", async (store) => {
    assert.equal(await store.put("a/b.png", bytes("one"), info, { signal }), true);
    assert.deepEqual(await store.get("a/b.png", { signal }), bytes("one"));
    assert.equal(await store.get("a/c.png", { signal }), undefined);
  });

  test("writing again replaces, ifAbsent does not", async (store) => {
    await store.put("k.png", bytes("one"), info, { signal });
    assert.equal(await store.put("k.png", bytes("two"), info, { signal, ifAbsent: true }), false);
    assert.deepEqual(await store.get("k.png", { signal }), bytes("one"));
    assert.equal(await store.put("k.png", bytes("two"), info, { signal }), true);
    assert.deepEqual(await store.get("k.png", { signal }), bytes("two"));
  });

  test("of twenty concurrent puts of one key with ifAbsent, one succeeds", async (store) => {
    const puts = Array.from(
      { length: 20 },
      (_, index) =>
        store.put("k.png", bytes(`${index}`), info, { signal, ifAbsent: true }).catch(() => false),
    );
    assert.equal((await Promise.all(puts)).filter(Boolean).length, 1);
  });

  test("gives the size of an object", async (store) => {
    await store.put("a/b.png", bytes("four"), info, { signal });
    assert.equal(await store.size("a/b.png", { signal }), 4);
    assert.equal(await store.size("a/c.png", { signal }), undefined);
  });

  test("reads the first and the last bytes of an object", async (store) => {
    await store.put("a/b.png", bytes("abcdef"), info, { signal });
    await store.put("empty.png", bytes(""), info, { signal });
    const part = (key: string, at: "start" | "end", count: number) =>
      store.part(key, { at, bytes: count, signal });
    assert.deepEqual(await part("a/b.png", "start", 2), bytes("ab"));
    assert.deepEqual(await part("a/b.png", "end", 2), bytes("ef"));
    assert.deepEqual(await part("a/b.png", "start", 6), bytes("abcdef"));
    for (const at of ["start", "end"] as const) {
      assert.deepEqual(await part("a/b.png", at, 100), bytes("abcdef"));
      assert.deepEqual(await part("empty.png", at, 100), bytes(""));
      assert.equal(await part("a/c.png", at, 2), undefined);
    }
  });

  test("can be tested, and the test leaves no object", async (store) => {
    await store.check({ signal, ifAbsent: true });
    await store.tryOut({ signal });
    assert.deepEqual(await keys(store), []);
  });

  test("lists by prefix and after a key, in the order of keys", async (store) => {
    for (const key of ["b/2.png", "a/1.png", "b/10.png", "b.png", "c/1.png"]) {
      await store.put(key, bytes(key), info, { signal });
    }
    assert.deepEqual(await keys(store), ["a/1.png", "b.png", "b/10.png", "b/2.png", "c/1.png"]);
    assert.deepEqual(await keys(store, { prefix: "b/" }), ["b/10.png", "b/2.png"]);
    assert.deepEqual(await keys(store, { after: "b/10.png" }), ["b/2.png", "c/1.png"]);
    assert.deepEqual(await store.fewNames({ signal }), ["a/", "b.png", "b/", "c/"]);
    assert.deepEqual(await store.fewNames({ prefix: "b/", delimiter: "0", signal }), ["b/10", "b/2.png"]);
    const [first] = await Array.fromAsync(store.list({ signal }));
    assert.equal(first.bytes, 7);
    assert.ok(Math.abs(Date.now() - first.writtenMs) < 60_000);
  });

  test("deletes an object, and again without an error", async (store) => {
    for (const key of ["a/b.png", "a/c.png"]) await store.put(key, bytes(key), info, { signal });
    await store.delete!("a/b.png", { signal });
    assert.equal(await store.get("a/b.png", { signal }), undefined);
    assert.deepEqual(await keys(store), ["a/c.png"]);
    await store.delete!("a/b.png", { signal });
    await store.delete!("elsewhere/d.png", { signal });
    await store.put("a/b.png", bytes("again"), info, { signal, ifAbsent: true });
    assert.deepEqual(await store.get("a/b.png", { signal }), bytes("again"));
    await store.put("deep/down/e.png", bytes("last"), info, { signal });
    await store.delete!("deep/down/e.png", { signal });
    assert.deepEqual(await store.fewNames({ signal }), ["a/"], "a folder ends with its last object");
  });

  test("lists nothing in an empty store", async (store) => {
    assert.deepEqual(await keys(store), []);
    assert.deepEqual(await store.fewNames({ signal }), []);
  });
}

Deno.test("a bucket lists more objects than one page holds", {
  ...needs("versitygw"),
  sanitizeResources: false,
}, async () => {
  await using server = await S3Server.start();
  const names = Array.from({ length: 1_205 }, (_, index) => `${String(index).padStart(5, "0")}.png`);
  for (const name of names) await Deno.writeFile(`${server.folder}/${server.bucket}/${name}`, bytes("x"));
  const listed = await Array.fromAsync(server.store().list({ signal }));
  assert.deepEqual(listed.map(({ key }) => key), names);
});

Deno.test(
  "a bucket keeps media type and metadata",
  { ...needs("versitygw"), sanitizeResources: false },
  async () => {
    await using server = await S3Server.start();
    await server.store().put("k.png", bytes("one"), info, { signal });
    const head = await fetch(await presigned(server, "k.png"));
    assert.equal(head.headers.get("content-type"), "image/png");
    assert.equal(head.headers.get("x-amz-meta-camera"), "door");
    await head.body?.cancel();
  },
);

/** A presigned URL, made as AWS Signature Version 4 specifies it for query strings. */
async function presigned(server: S3Server, key: string): Promise<string> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region } = server.credentials;
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${stamp.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = new URLSearchParams({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${id}/${scope}`,
    "X-Amz-Date": stamp,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
  });
  const path = `/${server.bucket}/${key}`;
  const request = ["GET", path, query, `host:127.0.0.1:${server.port}`, "", "host", "UNSIGNED-PAYLOAD"].join(
    "\n",
  );
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(request)));
  const toSign = ["AWS4-HMAC-SHA256", stamp, scope, hex(hash)].join("\n");
  let signature: Uint8Array<ArrayBuffer> = bytes(`AWS4${secret}`);
  for (const part of [...scope.split("/"), toSign]) {
    const key = await crypto.subtle.importKey("raw", signature, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(part)));
  }
  return `${server.endpoint}${path}?${query}&X-Amz-Signature=${hex(signature)}`;
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("a folder that cannot be created is an error, not an existing object", async () => {
  const path = await Deno.makeTempDir();
  try {
    await Deno.symlink(`${path}/unplugged`, `${path}/faces`); // A disk that is not mounted.
    const store = openFolderStore(`${path}/faces`);
    await assert.rejects(store.put("k.png", bytes("one"), info, { signal, ifAbsent: true }));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
