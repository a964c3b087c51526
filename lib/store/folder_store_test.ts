/** Failures of a folder store: kills, unplugged disks, permissions, names. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError, RejectedMessageError } from "../errors.ts";
import { openFolderStore } from "./folder_store.ts";
import { type Store, StoreError } from "./store.ts";

const signal = new AbortController().signal;
const info = { contentType: "image/png", metadata: {} };
const bytes = (text: string) => new TextEncoder().encode(text);
const put = (store: Store, key: string, ifAbsent = false) =>
  store.put(key, bytes(key), info, { signal, ifAbsent });

function test(sentence: string, run: (path: string) => Promise<void>): void {
  Deno.test(sentence, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await run(join(folder, "faces"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(() => new Error("it worked"), (error) => error);
}

const modeOf = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);

test("files and folders are readable by their owner only, whatever the umask", async (path) => {
  const umask = Deno.umask(0);
  try {
    const store = openFolderStore(path);
    await store.check({ signal });
    for (const ifAbsent of [false, true]) await put(store, `2026/${ifAbsent}/k.png`, ifAbsent);
    for (const folder of ["", "2026", "2026/false", "2026/true"]) {
      assert.equal(modeOf(join(path, folder)), "700");
    }
    for (const file of ["false", "true"]) assert.equal(modeOf(join(path, "2026", file, "k.png")), "600");
  } finally {
    Deno.umask(umask);
  }
});

test("the temporary files of a killed process are removed at the next start, and nothing else", async (path) => {
  await Deno.mkdir(join(path, "2026-01-31"), { recursive: true });
  const ours = [
    `2026-01-31/a.png.${crypto.randomUUID()}.tmp`,
    `b.png.${crypto.randomUUID()}.tmp`,
    "c.png.lock.tmp",
  ];
  const others = ["2026-01-31/a.png", "notes.tmp", "2026-01-31/x.png.1234.tmp"];
  for (const name of [...ours, ...others]) await Deno.writeTextFile(join(path, name), "x");
  await openFolderStore(path).check({ signal });
  const left = Array.from(Deno.readDirSync(path)).concat(
    Array.from(Deno.readDirSync(join(path, "2026-01-31"))),
  )
    .filter(({ isFile }) => isFile).map(({ name }) => name);
  assert.deepEqual(left.sort(), ["a.png", "notes.tmp", "x.png.1234.tmp"]);
});

test("kill -9 during a put leaves no partial object, and nothing after the next start", async (path) => {
  const script = `
    import { openFolderStore } from "${import.meta.resolve("./folder_store.ts")}";
    const store = openFolderStore(${JSON.stringify(path)});
    const info = { contentType: "image/png", metadata: {} };
    const { signal } = new AbortController();
    await store.check({ signal });
    Deno.rename = Deno.link = () => Deno.kill(Deno.pid, "SIGKILL") ?? new Promise(() => {});
    await Promise.all([1, 2, 3].map((n) => store.put(n + ".png", new Uint8Array(9), info, { signal, ifAbsent: n > 1 })));`;
  const { signal: end } = await new Deno.Command(Deno.execPath(), { args: ["eval", "--quiet", script] })
    .output();
  assert.equal(end, "SIGKILL");
  const store = openFolderStore(path);
  assert.ok(Array.from(Deno.readDirSync(path)).length > 0);
  assert.deepEqual(await Array.fromAsync(store.list({ signal })), []);
  await store.check({ signal });
  assert.deepEqual(Array.from(Deno.readDirSync(path)), []);
});

test("a missing folder is not created again on the mount point of an unplugged disk", async (path) => {
  const store = openFolderStore(path);
  await put(store, "2026/k.png");
  await Deno.rename(path, `${path}.unplugged`);
  const error = await failure(put(store, "2026/l.png"));
  assert.ok(
    error instanceof StoreError && error.subject === "store" && /is gone/.test(error.message),
    String(error),
  );
  await Deno.rename(`${path}.unplugged`, path);
  assert.equal(await put(store, "2026/l.png"), true);
});

test("an impossible name is an error of the object, everything else one of the store", async (path) => {
  const store = openFolderStore(path);
  await put(store, "taken");
  assert.ok(await failure(put(store, "x".repeat(300))) instanceof RejectedMessageError);
  const below = await failure(put(store, "taken/k.png"));
  assert.ok(below instanceof StoreError && below.subject === "object", String(below));
  const { open } = Deno;
  Deno.open = () =>
    Promise.reject(
      Object.assign(new Error("No space left on device (os error 28): open '/x'"), { code: "ENOSPC" }),
    );
  try {
    const full = await failure(put(store, "k.png"));
    assert.ok(full instanceof StoreError && full.subject === "store" && full.kind === "ENOSPC", String(full));
    assert.match(full.message, /^cannot write in the folder ".*": No space left on device \(os error 28\)$/);
  } finally {
    Deno.open = open;
  }
});

test("a folder that cannot be written is the store's error at the start", async (path) => {
  const { open } = Deno;
  const store = openFolderStore(path);
  const denied = () => new Deno.errors.PermissionDenied("Permission denied (os error 13): open '/x'");
  Deno.open = () => Promise.reject(denied());
  try {
    const error = await failure(store.check({ signal }));
    assert.ok(error instanceof StoreError && error.subject === "store", String(error));
    assert.match(error.message, /^cannot write in the folder ".*": Permission denied \(os error 13\)$/);
  } finally {
    Deno.open = open;
  }
  await store.check({ signal });
  assert.deepEqual(Array.from(Deno.readDirSync(path)), [], "the trial object is gone");
});

test("a path that is not a folder and cannot become one is a ConfigError with a remedy", async (path) => {
  await Deno.writeTextFile(path, "x");
  const cases: [string, RegExp, RegExp][] = [
    [path, /: it is not a folder$/, /^give the path of a folder$/],
    [join(path, "below"), /: Not a directory \(os error 20\)$/, /^give the path of a folder$/],
  ];
  for (const [folder, says, hint] of cases) {
    const error = await failure(openFolderStore(folder).check({ signal }));
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, says);
    assert.match(error.hint!, hint);
  }
  assert.match((await failure(openFolderStore(path).fewNames({ signal }))).message, /: it is not a folder$/);
});

test("without hard links a lock of another process makes a put fail for now", async (path) => {
  const { link } = Deno;
  Deno.link = () => Promise.reject(Object.assign(new Error("not supported"), { code: "EOPNOTSUPP" }));
  try {
    const store = openFolderStore(path);
    await store.check({ signal });
    await Deno.writeTextFile(join(path, "k.png.lock.tmp"), "");
    const error = await failure(put(store, "k.png", true));
    assert.ok(error instanceof StoreError && error.subject === "store", String(error));
    await Deno.remove(join(path, "k.png.lock.tmp"));
    assert.equal(await put(store, "k.png", true), true);
    assert.deepEqual(Array.from(Deno.readDirSync(path), ({ name }) => name), ["k.png"]);
  } finally {
    Deno.link = link;
  }
});

test("only a store opened for it deletes, and only files of its own", async (path) => {
  assert.equal(openFolderStore(path).delete, undefined);
  const store = openFolderStore(path, { mayDelete: true });
  await put(store, "2026/k.png");
  await Deno.mkdir(join(path, "empty"));
  await Deno.mkdir(join(path, "../outside"));
  await Deno.writeTextFile(join(path, "../outside/k.png"), "another's");
  await Deno.symlink("../outside", join(path, "link"));
  await Deno.symlink("2026/k.png", join(path, "link.png"));
  for (const key of ["empty", "link", "link.png", "link/k.png", "../outside/k.png", "2026"]) {
    assert.ok(await failure(store.delete!(key, { signal })) instanceof StoreError, key);
  }
  assert.equal(await Deno.readTextFile(join(path, "../outside/k.png")), "another's");
  await store.delete!("2026/k.png", { signal });
  assert.equal(await store.size("2026/k.png", { signal }), undefined);
});

test("a folder whose disk is gone is an error, not a deletion", async (path) => {
  const store = openFolderStore(path, { mayDelete: true });
  await put(store, "k.png");
  await Deno.remove(path, { recursive: true });
  assert.ok(await failure(store.delete!("k.png", { signal })) instanceof StoreError);
});
