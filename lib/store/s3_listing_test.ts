/** Listings of servers that break the guarantees of the API. */
import assert from "node:assert/strict";
import { openS3Store } from "./s3_store.ts";
import { type ListedPage, type PageQuery, S3Listing } from "./s3_listing.ts";

const { signal } = new AbortController();
const WRITTEN = new Date("2026-01-31T12:00:00Z");

/** A listing of `faces/` from a server that answers every request by `answer`. */
function listingOf(answer: (query: PageQuery, request: number) => ListedPage): CountedListing {
  const listing: CountedListing = new CountedListing(
    "faces/",
    async (query) => answer(query, listing.requests++),
  );
  return listing;
}

class CountedListing extends S3Listing {
  requests = 0;
}

const entries = (...keys: string[]) =>
  keys.map((Key) => ({ Key: `faces/${Key}`, Size: 1, LastModified: WRITTEN }));
const keysOf = async (listing: S3Listing, options: { prefix?: string; after?: string } = {}) =>
  (await Array.fromAsync(listing.list({ ...options, signal }))).map(({ key }) => key);

Deno.test("an unsorted page is sorted", async () => {
  assert.deepEqual(await keysOf(listingOf(() => ({ Contents: entries("c", "a", "b") }))), ["a", "b", "c"]);
});

Deno.test("unsorted pages are an error once, then the listing is read as a whole and sorted", async () => {
  const listing = listingOf(({ ContinuationToken }) =>
    ContinuationToken
      ? { Contents: entries("a", "b") }
      : { Contents: entries("c", "d"), IsTruncated: true, NextContinuationToken: "2" }
  );
  await assert.rejects(keysOf(listing), /not list its objects in the order of their keys/);
  assert.deepEqual(await keysOf(listing), ["a", "b", "c", "d"]);
  assert.deepEqual(await keysOf(listing, { after: "b" }), ["c", "d"]);
});

Deno.test("keys beyond the Basic Multilingual Plane are in S3's order", async () => {
  const listing = listingOf(({ ContinuationToken }) =>
    ContinuationToken
      ? { Contents: entries("\u{1f600}.png") }
      : { Contents: entries("a.png", "\uff21.png"), IsTruncated: true, NextContinuationToken: "2" }
  );
  assert.deepEqual(await keysOf(listing), ["a.png", "\uff21.png", "\u{1f600}.png"]);
});

Deno.test("without a usable token a listing continues after the last key, or ends with an error", async () => {
  const all = ["a", "b", "c", "d", "e"];
  const withoutTokens = listingOf(({ StartAfter = "" }) => {
    const rest = entries(...all).filter(({ Key }) => Key > StartAfter);
    return { Contents: rest.slice(0, 2), IsTruncated: rest.length > 2 };
  });
  assert.deepEqual(await keysOf(withoutTokens), all);
  const endless: [string, (query: PageQuery, request: number) => ListedPage][] = [
    ["the same token", () => ({ Contents: entries("a"), IsTruncated: true, NextContinuationToken: "same" })],
    ["two tokens in turn", (_, request) => ({
      Contents: [],
      IsTruncated: true,
      NextContinuationToken: request % 2 ? "odd" : "even",
    })],
    ["no token and no keys", () => ({ IsTruncated: true })],
    ["no token and the same keys", () => ({ Contents: entries("a"), IsTruncated: true })],
    ["new tokens without end", (_, request) => ({ IsTruncated: true, NextContinuationToken: `${request}` })],
    ["only keys outside of the prefix", (_, request) => ({
      Contents: [{ Key: `other/${request}` }],
      IsTruncated: true,
      NextContinuationToken: `${request}`,
    })],
  ];
  for (const [name, answer] of endless) {
    const listing = listingOf(answer);
    await assert.rejects(keysOf(listing), /order|more objects/, name);
    assert.ok(listing.requests < 100, `${name}: ${listing.requests} requests`);
  }
});

Deno.test("objects outside of the listing are skipped", async () => {
  const listing = listingOf(() => ({
    Contents: [...entries("a/1.png", "b/1.png"), { Key: "elsewhere/a/2.png", Size: 1 }, { Key: "faces/" }],
    CommonPrefixes: [{ Prefix: "elsewhere/x/" }, { Prefix: "faces/" }, {}, { Prefix: "faces/c/d/" }],
  }));
  assert.deepEqual(await keysOf(listing, { prefix: "a/" }), ["a/1.png"]);
  assert.deepEqual(await keysOf(listing, { after: "a/1.png" }), ["b/1.png"], "StartAfter ignored");
  assert.deepEqual(await listing.fewNames({ signal }), ["a/", "b/", "c/"], "the delimiter ignored");
});

Deno.test("entries without key, size or date do not hide the others", async () => {
  const Contents = [
    {},
    { Size: 1 },
    { Key: "faces/a.png" },
    {
      Key: "faces/b.png",
      Size: null,
      LastModified: new Date(NaN),
    },
    { Key: "faces/c.png", Size: -5 },
    ...entries("d.png"),
  ];
  const listed = await Array.fromAsync(listingOf(() => ({ Contents })).list({ signal }));
  assert.deepEqual(listed, [
    { key: "a.png", bytes: NaN, writtenMs: 0 },
    { key: "b.png", bytes: NaN, writtenMs: 0 },
    { key: "c.png", bytes: NaN, writtenMs: 0 },
    { key: "d.png", bytes: 1, writtenMs: WRITTEN.getTime() },
  ]);
});

Deno.test("fewNames() takes one request, also when there are too many names", async () => {
  const listing = listingOf(() => ({
    CommonPrefixes: [{ Prefix: "faces/b/" }],
    Contents: [{ Key: "faces/" }, { Key: "elsewhere" }, ...entries("a/x", "c.png")],
  }));
  assert.deepEqual(await listing.fewNames({ signal }), ["a/", "b/", "c.png"]);
  const many = listingOf(() => ({ Contents: entries("a"), IsTruncated: true, NextContinuationToken: "2" }));
  assert.equal(await many.fewNames({ signal }), undefined);
  assert.equal(many.requests, 1);
});

/** What a store lists on a server that answers every request with `body`. */
async function listed(body: string): Promise<string[]> {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response(body, { headers: { "Content-Type": "application/xml" } }),
  );
  Deno.env.set("AWS_ACCESS_KEY_ID", "a");
  Deno.env.set("AWS_SECRET_ACCESS_KEY", "b");
  const store = openS3Store({
    bucket: "bucket",
    prefix: "",
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    region: "us-east-1",
    pathStyle: true,
    timeoutMs: 5_000,
  });
  return (await Array.fromAsync(store.list({ signal }))).map(({ key, writtenMs }) => `${key} ${writtenMs}`);
}

const xml = (entries: string) =>
  `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
  `<IsTruncated>false</IsTruncated>${entries}</ListBucketResult>`;

Deno.test(
  "a malformed date or size does not hide the other objects",
  { sanitizeResources: false },
  async () => {
    const entries = [
      "<Contents><Key>a.png</Key><LastModified>yesterday</LastModified><Size>1</Size></Contents>",
      "<Contents><Key>b.png</Key><LastModified/><Size>many</Size></Contents>",
      "<Contents><Key>c.png</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified><Size>1</Size></Contents>",
    ];
    assert.deepEqual(await listed(xml(entries.join(""))), [
      "a.png 0",
      "b.png 0",
      `c.png ${WRITTEN.getTime()}`,
    ]);
  },
);

Deno.test(
  "an answer that is not a listing is an error, not an empty store",
  { sanitizeResources: false },
  async () => {
    for (const body of ["", "<html><body>Welcome to nginx</body></html>", "{}", "\x1b[2J"]) {
      await assert.rejects(listed(body), /not a listing/, body);
    }
    await assert.rejects(listed(xml("<!-- x -->".repeat(2_000_000))), /a listing of more than/);
    assert.deepEqual(await listed(xml("")), []);
  },
);
