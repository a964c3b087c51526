/** Snapshot cameras: polling, authentication, limits, and https with any certificate. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { needs } from "../../test/needs.ts";
import { Authority } from "../../test/servers/certificates.ts";
import { freePort } from "../../test/servers/free_port.ts";
import { encodePng } from "../image/png.ts";
import type { CameraChange } from "./camera.ts";
import { HttpPictures } from "./http_picture.ts";
import { openCamera, type SourceOptions } from "./open_camera.ts";
import { ONCE } from "../testing/source_options.ts";
import { inFullSuite } from "../testing/skip.ts";

const never = new AbortController().signal;
const POLLED: SourceOptions = { ...ONCE, rate: 200, realtime: true, repeat: true, stallMs: 60_000 };
const JPEG_TYPE = { "Content-Type": "image/jpeg" };

/** A server on a free port, with TLS when it has a certificate. */
function serve(
  answer: (request: Request) => Response | Promise<Response>,
  certificate?: { readonly cert: string; readonly key: string },
) {
  const place = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(certificate ? { ...place, ...certificate } : place, answer);
  return { host: `127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

function png(width: number): Uint8Array<ArrayBuffer> {
  return encodePng({ width, height: 8, rgb: new Uint8Array(width * 24) });
}

/** A self-signed certificate without a name, as cameras have. */
async function selfSigned(): Promise<{ readonly cert: string; readonly key: string }> {
  await using authority = await Authority.create("IPCamera");
  return { cert: await Deno.readTextFile(authority.cert), key: await Deno.readTextFile(authority.key) };
}

/** The widths of a source's first frames. */
async function widths(
  source: string,
  count: number,
  options: Partial<SourceOptions> = {},
): Promise<number[]> {
  const stop = new AbortController();
  const found: number[] = [];
  const camera = await openCamera(source, { ...POLLED, ...options });
  for await (const { width } of camera.frames(stop)) if (found.push(width) >= count) stop.abort();
  return found;
}

Deno.test("an address that returns one picture per request is one live camera", async () => {
  const answers = [
    () => new Response(png(16), { headers: JPEG_TYPE }), // the request that decides whether it is a snapshot
    () => new Response(png(16), { headers: JPEG_TYPE }),
    () => new Response("busy", { status: 503 }),
    () => new Response("<html>not now</html>", { headers: { "Content-Type": "text/html" } }),
    () => new Response(png(16).subarray(0, 50), { headers: JPEG_TYPE }),
    () => new Response(null, { headers: JPEG_TYPE }),
    () => new Response(null, { status: 302, headers: { Location: "/moved" } }),
    () => new Response(png(24), { headers: JPEG_TYPE }),
    () => new Response(null, { status: 404 }),
    () => new Response(png(32)),
  ];
  let asked = 0;
  await using server = serve(() => answers[Math.min(asked++, answers.length - 1)]());
  const changes: CameraChange[] = [];
  const onChange = (change: CameraChange) => void changes.push(change);
  const camera = await openCamera(`http://${server.host}/snap.jpg`, { ...POLLED, onChange });
  assert.deepEqual([camera.live, camera.stills], [true, undefined]);
  asked = 0;
  assert.deepEqual(await widths(`http://${server.host}/snap.jpg`, 4, { onChange }), [16, 24, 32, 32]);
  assert.deepEqual(changes, [], "occasional failures are not reported");
});

Deno.test("a snapshot camera without a picture for --stall is lost, and returns", async () => {
  let isWell = true;
  await using server = serve(() => isWell ? new Response(png(16)) : new Response(null, { status: 500 }));
  const changes: string[] = [];
  const onChange = (change: CameraChange) => {
    changes.push(change.lost ? change.reason : "back");
    isWell = true;
  };
  const stop = new AbortController();
  const camera = await openCamera(`http://${server.host}/`, { ...POLLED, stallMs: 1, onChange });
  let frames = 0;
  for await (const _ of camera.frames(stop)) {
    if (++frames === 2) isWell = false;
    if (frames === 4) stop.abort();
  }
  assert.deepEqual(changes, [`"http://${server.host}" answers 500`, "back"]);
});

Deno.test("a snapshot that is read once is one picture", async () => {
  await using server = serve(() => new Response(png(16)));
  const camera = await openCamera(`http://${server.host}/`, { ...POLLED, realtime: false, repeat: false });
  assert.deepEqual([camera.live, camera.stills], [false, true]);
  assert.equal((await Array.fromAsync(camera.frames({ signal: never }))).length, 1);
});

Deno.test("a JPEG is scaled and rotated as requested", needs("ffmpeg"), async () => {
  const args = "-v error -f lavfi -i testsrc=size=64x48 -frames:v 1 -f mjpeg -".split(" ");
  const { stdout: jpeg } = await new Deno.Command("ffmpeg", { args }).output();
  await using server = serve(() => new Response(jpeg, { headers: JPEG_TYPE }));
  const source = `http://${server.host}/`;
  assert.deepEqual(await widths(source, 1), [64]);
  assert.deepEqual(await widths(source, 1, { rotate: 90 }), [48]);
  assert.deepEqual(await widths(source, 1, { size: { width: 32, height: 24 } }), [32]);
});

Deno.test("ffmpeg reads streams, pages and errors", async () => {
  const answers: Record<string, () => Response> = {
    "/stream": () =>
      new Response(png(16), { headers: { "Content-Type": "multipart/x-mixed-replace; boundary=a" } }),
    "/page": () => new Response("<html>", { headers: { "Content-Type": "text/html" } }),
    "/clip": () => new Response(Uint8Array.of(0, 0, 0, 32, 102, 116, 121, 112)),
    "/error": () => new Response(null, { status: 401 }),
    "/loop": () => new Response(null, { status: 302, headers: { Location: "/loop" } }),
    "/file": () => new Response(null, { status: 302, headers: { Location: "file:///etc/passwd" } }),
  };
  await using server = serve(({ url }) => answers[new URL(url).pathname]());
  for (const path of Object.keys(answers)) {
    const camera = await openCamera(`http://${server.host}${path}`, {
      ...POLLED,
      realtime: false,
      repeat: false,
    });
    assert.equal(camera.stills, undefined, path);
  }
});

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

Deno.test("user and password are sent by the scheme of the camera, and to no other host", async () => {
  const seen: string[] = [];
  await using other = serve(({ headers }) => {
    seen.push(`other ${headers.get("authorization")}`);
    return new Response(png(8));
  });
  const PARTS = /(\w+)="?([^",]*)"?/g;
  await using server = serve(({ url, headers }) => {
    const { pathname } = new URL(url);
    const given = headers.get("authorization") ?? "";
    if (pathname === "/away") {
      const Location = `http://localhost:${other.host.split(":")[1]}/`;
      return new Response(null, { status: 302, headers: { Location } });
    }
    if (pathname === "/basic") {
      seen.push(given.split(" ")[0]);
      const isRight = given === `Basic ${btoa("me:ge%heim@x:y")}`;
      return isRight ? new Response(png(16)) : new Response(null, { status: 401 });
    }
    const { nonce = "", uri, response, nc, cnonce, qop, username } = Object.fromEntries(
      Array.from(given.matchAll(PARTS), ([, name, value]) => [name, value]),
    );
    const rest = qop ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
    const right = md5(`${md5("me:door:ge%heim@x:y")}:${rest}:${md5(`GET:${uri}`)}`);
    seen.push(`digest ${username} ${uri} ${nc}`);
    if (nonce === "n1" && response === right) return new Response(png(16));
    const challenge = `Digest realm="door", nonce="n1", algorithm=MD5${
      pathname === "/old" ? "" : ', qop="auth"'
    }`;
    return new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } });
  });
  const get = (path: string) => new HttpPictures(`http://me:ge%25heim%40x%3Ay@${server.host}${path}`, "cam");
  const limitMs = 5_000;
  const basic = get("/basic");
  for (let requests = 0; requests < 2; requests++) assert.ok(await basic.next({ signal: never, limitMs }));
  assert.deepEqual(
    seen.splice(0),
    ["", "Basic", "Basic"],
    "the first request has no credentials: the camera may require Digest",
  );
  for (const path of ["/digest?channel=1", "/old"]) {
    const camera = get(path);
    for (let requests = 0; requests < 3; requests++) assert.ok(await camera.next({ signal: never, limitMs }));
  }
  assert.deepEqual(seen.slice(0, 4), [
    "digest undefined undefined undefined",
    "digest me /digest?channel=1 00000001",
    "digest me /digest?channel=1 00000002",
    "digest me /digest?channel=1 00000003",
  ]);
  assert.ok(await get("/away").next({ signal: never, limitMs }));
  assert.equal(seen.at(-1), "other null");
});

Deno.test("a response has limits in bytes and time, and no error contains the password", async () => {
  const forever = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20)) });
  const released = Promise.withResolvers<Response>();
  await using server = serve(({ url }) => url.endsWith("/large") ? new Response(forever) : released.promise);
  const next = (path: string, limitMs: number, host = server.host) =>
    new HttpPictures(`http://me:geheim@${host}${path}`, "cam").next({ signal: never, limitMs });
  await assert.rejects(next("/large", 60_000), /larger than 32 MiB/);
  await assert.rejects(next("/slow", 50), /"cam" did not answer within 0.05 s/);
  released.resolve(new Response(null));
  await assert.rejects(next("/", 60_000, `127.0.0.1:${freePort()}`), (error: Error) => {
    assert.equal(error.message, '"cam" does not answer: nothing listens at that port');
    return true;
  });
});

Deno.test("a camera with a self-signed certificate is polled by https", inFullSuite(), async () => {
  const isRight: Record<string, (given: string) => boolean> = {
    "/open": (given) => given === "",
    "/basic": (given) => given === `Basic ${btoa("me:geheim")}`,
    "/digest": (given) => /^Digest username="me".* response="[0-9a-f]{32}", qop=auth/.test(given),
  };
  const certificate = await selfSigned();
  await using server = serve(({ url, headers }) => {
    const { pathname } = new URL(url);
    if (isRight[pathname](headers.get("authorization") ?? "")) return new Response(png(16));
    const way = pathname === "/basic" ? 'Basic realm="door"' : 'Digest realm="door", nonce="n1", qop="auth"';
    return new Response(null, { status: 401, headers: { "WWW-Authenticate": way } });
  }, certificate);
  assert.deepEqual(await widths(`https://${server.host}/open`, 3), [16, 16, 16]);
  for (const path of ["/basic", "/digest"]) {
    assert.deepEqual(await widths(`https://me:geheim@${server.host}${path}`, 3), [16, 16, 16], path);
  }
  // By name, too: the certificate contains neither.
  const { port } = new URL(`https://${server.host}`);
  assert.deepEqual(await widths(`https://localhost:${port}/open`, 1), [16]);
});

Deno.test("a response by https has limits in bytes and time", inFullSuite(), async () => {
  const certificate = await selfSigned();
  const forever = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(2 ** 20)) });
  const trickles = new Set<ReadableStreamDefaultController>();
  const drops = setInterval(() => {
    for (const controller of trickles) if (controller.desiredSize) controller.enqueue(new Uint8Array(1));
  }, 5);
  using _ = { [Symbol.dispose]: () => clearInterval(drops) };
  const trickle = () => new ReadableStream({ start: (controller) => void trickles.add(controller) });
  await using server = serve(
    ({ url }) => new Response(url.endsWith("/large") ? forever : trickle()),
    certificate,
  );
  const next = (path: string, limitMs: number, signal = never) =>
    new HttpPictures(`https://me:geheim@${server.host}${path}`, "cam").next({ signal, limitMs });
  await assert.rejects(next("/large", 60_000), /larger than 32 MiB/);
  await assert.rejects(next("/trickle", 200), /"cam" did not answer within 0.2 s/);
  await assert.rejects(next("/trickle", 60_000, AbortSignal.timeout(200)), /"cam" does not answer/);
});

Deno.test(
  "a camera whose TLS hangs costs one connection, and is polled again when it works",
  inFullSuite(),
  async () => {
    const certificate = await selfSigned();
    await using well = serve(() => new Response(png(16)), certificate);
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const hanging = new Set<Deno.Conn>();
    let isWell = false;
    const pipe = async (from: Deno.Conn, to: Deno.Conn) => {
      await from.readable.pipeTo(to.writable).catch(() => {});
    };
    const serving = (async () => {
      for await (const connection of listener) {
        if (!isWell) hanging.add(connection);
        else {
          const [hostname, port] = well.host.split(":");
          const other = await Deno.connect({ hostname, port: Number(port) });
          void pipe(connection, other);
          void pipe(other, connection);
        }
      }
    })();
    const camera = new HttpPictures(`https://127.0.0.1:${listener.addr.port}/`, "cam");
    const next = (limitMs: number) => camera.next({ signal: never, limitMs });
    await assert.rejects(next(200), /"cam" did not answer within 0.2 s/);
    for (let requests = 0; requests < 3; requests++) {
      await assert.rejects(next(50), /"cam" does not answer over TLS/);
      for (const connection of [...hanging].slice(1)) {
        // The probe has closed its connection.
        assert.equal(await readToEnd(connection), "closed");
        connection.close();
        hanging.delete(connection);
      }
    }
    for (const connection of hanging) connection.close();
    isWell = true;
    for (let requests = 0; requests < 2; requests++) assert.ok(await next(10_000));
    listener.close();
    await serving;
  },
);

async function readToEnd(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
  return "closed";
}
