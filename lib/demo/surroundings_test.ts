/** What the demo finds on its machine: a free port, a browser, a detector that answers. */
import assert from "node:assert/strict";
import { browserCommand } from "./browser.ts";
import { CameraWatch } from "./camera_watch.ts";
import { PageAddresses } from "./page_address.ts";

Deno.test("the pages get the ports from 8080 on that are free, or any", () => {
  const found = (pages: number, isFree: (port: number) => boolean, except?: string) => {
    const claim = (port: number) => isFree(port) ? { [Symbol.dispose]: () => {} } : undefined;
    using pageAddresses = new PageAddresses(pages, { except, claim });
    return pageAddresses.addresses;
  };
  assert.deepEqual(found(2, () => true), ["127.0.0.1:8080", "127.0.0.1:8081"]);
  assert.deepEqual(found(2, (port) => port > 8080, "0.0.0.0:8082"), ["127.0.0.1:8081", "127.0.0.1:8083"]);
  assert.deepEqual(found(2, (port) => port === 8099), ["127.0.0.1:8099", "127.0.0.1:0"]);
});

Deno.test("two demos that start at the same time get different ports", () => {
  using one = new PageAddresses(3);
  using other = new PageAddresses(3);
  const ports = [...one.addresses, ...other.addresses].filter((address) => !address.endsWith(":0"));
  assert.equal(new Set(ports).size, ports.length);
  assert.ok(ports.length >= 3, "some of the 20 ports are free on this machine");
});

Deno.test("a page opens on a desktop, and not on a server or through ssh", () => {
  const command = (os: typeof Deno.build.os, env: Record<string, string>) =>
    browserCommand({ os, env: (name) => env[name] });
  assert.equal(command("linux", {}), undefined);
  assert.equal(command("linux", { DISPLAY: ":0" }), "xdg-open");
  assert.equal(command("linux", { WAYLAND_DISPLAY: "wayland-0" }), "xdg-open");
  assert.equal(command("darwin", {}), "open");
  assert.equal(
    command("linux", { DISPLAY: "localhost:10.0", SSH_CONNECTION: "10.0.0.1 5 10.0.0.2 22" }),
    undefined,
  );
});

Deno.test("the rate of a camera is that of the last answers, and its problem is the latest one", async () => {
  let nowMs = 0;
  let answer: unknown = { status: "waiting", why: "camera: no result yet", done: { frames: 0 } };
  const watch = new CameraWatch("front", {
    nowMs: () => nowMs,
    request: (url) =>
      url === "http://x/readyz" ? Promise.resolve(answer) : Promise.reject(new Error("refused")),
  });
  await watch.ask();
  assert.equal(watch.framesPerSecond, undefined, "its address is not known yet");
  watch.url = "http://x/readyz";
  await watch.ask();
  assert.deepEqual([watch.framesPerSecond, watch.problem], [undefined, undefined], "it starts");
  for (let second = 1; second <= 6; second++) {
    nowMs = second * 1000;
    answer = { status: "ok", done: { frames: second * 10 } };
    await watch.ask();
  }
  assert.deepEqual([watch.framesPerSecond, watch.problem], [10, undefined]);
  answer = { status: "waiting", why: "camera: unplugged", done: { frames: 60 } };
  await watch.ask();
  assert.equal(watch.problem, "camera: unplugged");
  watch.url = "http://gone/readyz";
  await watch.ask();
  assert.equal(watch.problem, "camera: unplugged", "no answer changes nothing");
});
