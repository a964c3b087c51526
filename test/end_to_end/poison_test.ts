/** A message that can never be stored does not stop the others. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { COURSE_KEY } from "../../lib/testing/course_key.ts";
import { needs } from "../needs.ts";
import { AlmostS3, type Fault, html, s3Error } from "../servers/almost_s3.ts";
import { CloudSide, makeFace } from "./cloud_side.ts";

const s3 = { ...needs("mosquitto", "versitygw"), sanitizeResources: false };

const sideOf = (server: AlmostS3, more: readonly string[] = []) =>
  CloudSide.start(
    ["--store", `s3://${server.real.bucket}`, "--s3-endpoint", server.endpoint, ...more],
    server.real.credentials,
  );

const onPoison = (answer: () => Response): Fault => ({ method, key }) =>
  method === "PUT" && key.includes("poison") ? answer() : undefined;

/** For each camera name, the answer of S3 to its faces, and the expected reason. */
const REASONS: Record<string, [() => Response, RegExp]> = {
  proxy: [() => html(413), /413 without an S3 error code/],
  large: [() => s3Error(400, "EntityTooLarge"), /400 EntityTooLarge/],
  invalid: [() => s3Error(400, "InvalidArgument", "bad"), /400 InvalidArgument: bad/],
  denied: [() => s3Error(403, "AccessDenied"), /403 AccessDenied/],
};

Deno.test(
  "eighty messages that cannot be stored do not stop another board's face, and are rejected",
  s3,
  async () => {
    await using server = await AlmostS3.start(({ method, key }) => {
      const camera = Object.keys(REASONS).find((camera) => key.includes(`_${camera}_`));
      return method === "PUT" && camera ? REASONS[camera][0]() : undefined;
    });
    const state = await Deno.makeTempDir();
    await using side = await sideOf(server, ["--state", state]);
    const poisons = Array.from(
      { length: 80 },
      (_, index) => makeFace({ camera: Object.keys(REASONS)[index % 4] }),
    );
    for (const face of poisons) await side.publish(face);
    const good = makeFace();
    await side.publish(good);
    await side.receipted([good, ...poisons]);
    assert.equal(side.receipts.get(good.id), "stored");
    // A saver that waits for each of them in turn gets to the last message when it has rejected the others.
    const before = [...side.receipts.keys()].indexOf(good.id);
    assert.ok(before < poisons.length / 2, `${before} were rejected before`);
    for (const { id, metadata } of poisons) {
      assert.match(side.receipts.get(id)!, REASONS[metadata!.camera][1]);
    }
    const kept = Array.from(Deno.readDirSync(`${state}/refused`), ({ name }) => name);
    assert.equal(kept.filter((name) => name.endsWith(".bin")).length, 80);
    for (const [, reason] of Object.values(REASONS)) await side.saver.printed(reason);
    assert.doesNotMatch(side.saver.stderr, /UnknownError|cannot store/);
    await Deno.remove(state, { recursive: true });
  },
);

Deno.test(
  "twenty messages that get status 500 each time do not stop another board's face, and are not rejected",
  s3,
  async () => {
    await using server = await AlmostS3.start(onPoison(() => s3Error(500, "InternalError")));
    await using side = await sideOf(server);
    const poisons = Array.from({ length: 20 }, () => makeFace({ camera: "poison" }));
    for (const face of poisons) await side.publish(face);
    const goods = Array.from({ length: 20 }, () => makeFace());
    for (const face of goods) await side.publish(face);
    await side.receipted(goods);
    // A saver that waits for these first has tried each of them eight times before.
    const attempts = server.count("PUT", /poison/);
    assert.ok(attempts < poisons.length * 6, `${attempts} attempts`);
    server.fault = () => undefined;
    await side.receipted(poisons);
    assert.ok([...side.receipts.values()].every((said) => said === "stored"));
    await side.saver.printed(/cannot store/);
    assert.equal(side.saver.stderr.match(/cannot store/g)?.length, 1, side.saver.stderr);
  },
);

Deno.test(
  "a store that refuses every request loses no face, and each cause is reported once",
  s3,
  async () => {
    await using server = await AlmostS3.start();
    await using side = await sideOf(server);
    const causes: [Fault, RegExp][] = [
      [({ method }) => method === "PUT" ? s3Error(403, "AccessDenied") : undefined, /403 AccessDenied/],
      [({ method }) => method === "PUT" ? html(413) : undefined, /413 without/],
      [() => s3Error(503, "SlowDown"), /503 SlowDown/],
      [() => html(200), /answered 200, but/],
      [() => s3Error(403, "SignatureDoesNotMatch"), /refuses the secret key/],
    ];
    const faces = Array.from({ length: 10 }, () => makeFace());
    server.fault = causes[0][0];
    for (const face of faces) await side.publish(face);
    for (const [fault, said] of causes) {
      server.fault = fault;
      await side.saver.printed(said);
    }
    assert.equal(side.receipts.size, 0);
    server.fault = () => undefined;
    await side.receipted(faces);
    assert.ok([...side.receipts.values()].every((said) => said === "stored"));
    await side.saver.printed(/the store is back/);
    assert.equal(side.saver.stderr.match(/cannot store/g)?.length, causes.length, side.saver.stderr);
    assert.equal(side.saver.stderr.match(/the store is back/g)?.length, 1);
  },
);

Deno.test(
  "a store that fails every second request, in every way, loses no face, and each cause is reported once",
  s3,
  async () => {
    await using server = await AlmostS3.start();
    await using side = await sideOf(server);
    let random = 1;
    const answers = [
      () => s3Error(503, "SlowDown"),
      () => html(502),
      () => new Promise<Response>((resolve) => setTimeout(() => resolve(html(504)), 200)),
      () => s3Error(500, "InternalError"),
    ];
    server.fault = ({ method }) => {
      random = random * 48271 % 0x7fffffff;
      return method === "PUT" && random % 2 === 0 ? answers[(random >> 8) % 4]() : undefined;
    };
    const faces = Array.from({ length: 100 }, () => makeFace());
    for (const face of faces) await side.publish(face);
    await side.receipted(faces);
    assert.ok([...side.receipts.values()].every((said) => said === "stored"));
    assert.equal((await server.real.pictures()).size, 100);
    const reports = side.saver.stderr.match(/cannot store|the store is back/g) ?? [];
    // Each cause at most once, and its consequence.
    assert.ok(reports.length <= 2 * answers.length, side.saver.stderr);
  },
);

Deno.test(
  "with keys of one second's resolution the 1,001st face of a second is rejected, and others are stored",
  needs("mosquitto"),
  async () => {
    const store = await Deno.makeTempDir();
    const state = await Deno.makeTempDir();
    await Deno.mkdir(`${store}/HW3`);
    for (let number = 1; number <= 1_000; number++) {
      const name = `01-31-2026-12-00-00_image${number === 1 ? "" : `_${number}`}.png`;
      await Deno.writeTextFile(`${store}/HW3/${name}`, `${number}`);
    }
    await using side = await CloudSide.start(["--store", store, "--key", COURSE_KEY, "--state", state]);
    const faces = Array.from({ length: 20 }, () => makeFace());
    for (const face of faces) await side.publish(face);
    const other = makeFace({ captured: "2026-01-31T12:00:01.000Z" });
    await side.publish(other);
    await side.receipted([...faces, other]);
    assert.equal(side.receipts.get(other.id), "stored");
    for (const { id } of faces) assert.match(side.receipts.get(id)!, /1000 different faces have the key/);
    for (const folder of [store, state]) await Deno.remove(folder, { recursive: true });
  },
);

Deno.test(
  "seventeen faces with the same name become seventeen objects where If-None-Match is ignored",
  s3,
  async () => {
    await using server = await AlmostS3.start((request) =>
      request.headers.has("if-none-match") ? server.putWithout(request) : undefined
    );
    await using side = await sideOf(server, ["--key", COURSE_KEY]);
    await side.saver.printed(/does not support conditional writes/);
    const faces = Array.from({ length: 17 }, () => makeFace());
    for (const face of faces) await side.publish(face);
    await side.receipted(faces);
    const objects = await server.real.pictures();
    assert.deepEqual(
      new Set(Array.from(objects.values(), (bytes) => readFace(bytes).id)),
      new Set(faces.map(({ id }) => id)),
    );
    assert.equal(objects.size, 17);
  },
);

Deno.test("a server without checksums, such as Backblaze B2, is used without them", s3, async () => {
  await using server = await AlmostS3.start(({ headers }) =>
    Array.from(headers.keys()).some((name) => name.startsWith("x-amz-checksum-"))
      ? s3Error(
        400,
        "InvalidArgument",
        "Unsupported header 'x-amz-checksum-sha256' received for this API call.",
      )
      : undefined
  );
  await using side = await sideOf(server);
  const faces = Array.from({ length: 5 }, () => makeFace());
  for (const face of faces) await side.publish(face);
  await side.receipted(faces);
  assert.equal((await server.real.pictures()).size, 5);
  await side.saver.printed(/does not support/);
  assert.equal(side.saver.stderr.match(/does not support/g)?.length, 1);
});
