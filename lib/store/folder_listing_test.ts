/** Folder stores on disks that other programs use too. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { FatalError, RejectedMessageError } from "../errors.ts";
import { openFolderStore } from "./folder_store.ts";
import type { Store } from "./store.ts";
import { inFullSuite, skipUnless } from "../testing/skip.ts";

const { signal } = new AbortController();
const FACE = "2026-11-25/10-00-00-000_front_0123456789ab.png";

/** A temporary folder that other programs use too. */
class SharedDisk implements AsyncDisposable {
  readonly #top = Deno.makeTempDirSync({ prefix: "disk-" });
  readonly folder = join(this.#top, "disk");

  constructor() {
    Deno.mkdirSync(this.folder);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(...names: string[]): Promise<void> {
    for (const name of names) {
      await Deno.mkdir(dirname(this.path(name)), { recursive: true });
      await Deno.writeTextFile(this.path(name), "x");
    }
  }

  /** Runs a program in the folder. */
  async run(program: string, ...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command(program, { args, cwd: this.folder }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#top, { recursive: true });
  }
}

async function keys(store: Store): Promise<string[]> {
  return (await Array.fromAsync(store.list({ signal }))).map(({ key }) => key);
}

Deno.test("files of operating systems are skipped in every folder", async () => {
  await using disk = new SharedDisk();
  await disk.write(
    FACE,
    "2026-11-25/._10-00-00-000_front_0123456789ab.png",
    "2026-11-25/@eaDir/10-00-00-000_front_0123456789ab.png/SYNOPHOTO_THUMB_M.jpg",
    "lost+found/#12345.png",
    "@eaDir/base.jpg/SYNOPHOTO_THUMB_M.jpg",
    "@Recycle/a.png",
    "#recycle/a.png",
    "#snapshot/2026/a.png",
    "~snapshot/hourly/a.png",
    "$RECYCLE.BIN/S-1-5/a.png",
    "$Recycle.Bin/a.png",
    "System Volume Information/a.png",
    ".Trash-1000/files/a.png",
    ".AppleDouble/a.png",
    ".DS_Store",
    ".hidden.png",
  );
  const store = openFolderStore(disk.folder);
  assert.deepEqual(await keys(store), [FACE]);
  assert.ok((await store.fewNames({ signal }))?.includes("2026-11-25/"));
});

Deno.test("links are neither followed nor read through", async () => {
  await using disk = new SharedDisk();
  await disk.write(FACE, "../secret.png", "../outside/secret.png");
  await Deno.symlink("2026-11-25", disk.path("latest"));
  await Deno.symlink(".", disk.path("loop"));
  await Deno.symlink("..", disk.path("2026-11-25/up"));
  await Deno.symlink("../outside", disk.path("out"));
  await Deno.symlink("../secret.png", disk.path("secret.png"));
  await Deno.symlink("nowhere.png", disk.path("broken.png"));
  const store = openFolderStore(disk.folder);
  assert.deepEqual(await keys(store), [FACE]);
  for (
    const key of [`latest/${FACE.slice(11)}`, "loop/" + FACE, "out/secret.png", "secret.png", "broken.png"]
  ) {
    assert.equal(await store.get(key, { signal }), undefined, key);
  }
  assert.equal((await store.get(FACE, { signal }))?.length, 1);

  await Deno.symlink(disk.folder, join(dirname(disk.folder), "link"));
  const linked = openFolderStore(join(dirname(disk.folder), "link"));
  assert.deepEqual(await keys(linked), [FACE], "the store itself may be a link");
  assert.equal((await linked.get(FACE, { signal }))?.length, 1);
});

Deno.test(
  "pipes, sockets and folders with a picture's name are not objects and do not block",
  inFullSuite(),
  async () => {
    await using disk = new SharedDisk();
    await disk.write(FACE, "2026-11-25/folder.png/inside.png");
    await disk.run("mkfifo", "2026-11-25/pipe.png", "pipe.png");
    using _socket = Deno.listen({ transport: "unix", path: disk.path("socket.png") });
    const store = openFolderStore(disk.folder);
    assert.deepEqual(await keys(store), [FACE, "2026-11-25/folder.png/inside.png"]);
    for (
      const key of ["2026-11-25/pipe.png", "pipe.png", "socket.png", "2026-11-25/folder.png", "2026-11-25"]
    ) {
      assert.equal(await store.get(key, { signal }), undefined, key);
    }
  },
);

Deno.test(
  "malformed names are skipped or listed, and the others are listed",
  inFullSuite(),
  async () => {
    await using disk = new SharedDisk();
    await disk.write(FACE, "a\nb.png", "a\x1b]0;owned\x07.png");
    await disk.run(
      "bash",
      "-c",
      `printf x > $'\\xff\\xfe.png'; mkdir $'\\xc3\\x28'; printf x > $'\\xc3\\x28/a.png'`,
    );
    const listed = await keys(openFolderStore(disk.folder));
    assert.deepEqual(listed.filter((key) => key === FACE), [FACE]);
    assert.ok(listed.length <= 3, JSON.stringify(listed));
  },
);

Deno.test(
  "a folder that cannot be read is skipped",
  skipUnless(Deno.uid() !== 0, "tests of folders that only root can read", "run them as another user"),
  async () => {
    await using disk = new SharedDisk();
    await disk.write(FACE, "2026-11-24/a.png");
    await Deno.chmod(disk.path("2026-11-24"), 0);
    assert.deepEqual(await keys(openFolderStore(disk.folder)), [FACE]);
    await Deno.chmod(disk.path("2026-11-24"), 0o700);
  },
);

Deno.test("a folder whose files cannot be examined is reported once", async () => {
  await using disk = new SharedDisk();
  await disk.write(FACE, "2026-11-24/a.png", "2026-11-24/b.png");
  const reports: string[] = [];
  const onUnreadable = (folder: string, reason: string) => void reports.push(`${folder}: ${reason}`);
  const store = openFolderStore(disk.folder, { onUnreadable });
  const { lstat } = Deno;
  Deno.lstat = async (path) => {
    if (!/11-24\/./.test(String(path))) return await lstat(path);
    throw new Deno.errors.PermissionDenied(`Permission denied (os error 13): lstat '${path}'`);
  };
  try {
    assert.deepEqual([await keys(store), await keys(store)], [[FACE], [FACE]]);
  } finally {
    Deno.lstat = lstat;
  }
  assert.deepEqual(reports, [`${disk.path("2026-11-24/")}: Permission denied (os error 13)`]);
});

Deno.test("a file above maxBytes is not read", inFullSuite(), async () => {
  await using disk = new SharedDisk();
  await disk.write(FACE);
  await disk.run("truncate", "-s", "200G", "huge.png");
  const store = openFolderStore(disk.folder);
  await assert.rejects(store.get("huge.png", { signal }), RejectedMessageError);
  await assert.rejects(store.get(FACE, { signal, maxBytes: 0 }), RejectedMessageError);
  const sizes = (await Array.fromAsync(store.list({ signal }))).map(({ bytes }) => bytes);
  assert.deepEqual(sizes, [1, 200 * 2 ** 30]);
});

Deno.test("a missing root folder is an error, before it exists and after it is removed", async () => {
  await using disk = new SharedDisk();
  const store = openFolderStore(disk.path("faces"));
  const gone = (error: FatalError) =>
    error instanceof FatalError && /^there is no folder ".*faces"$/.test(error.message);
  for (let round = 0; round < 2; round++) {
    await assert.rejects(store.fewNames({ signal }), gone);
    await assert.rejects(keys(store), gone);
    await assert.rejects(store.get(FACE, { signal }), gone);
    await disk.write(`faces/${FACE}`);
    assert.deepEqual(await keys(store), [FACE]);
    await Deno.remove(disk.path("faces"), { recursive: true });
  }
  await disk.write("faces");
  await assert.rejects(store.fewNames({ signal }), /cannot read the folder/);
});

Deno.test("the mount point of an unplugged disk is an error, an empty store is not", async () => {
  await using disk = new SharedDisk();
  const mount = disk.path("mount");
  await Deno.mkdir(mount);
  const store = openFolderStore(mount);
  assert.deepEqual(await keys(store), [], "new and empty");
  await disk.write(`mount/${FACE}`);
  assert.deepEqual(await keys(store), [FACE]);
  // Another folder in its place, as after umount.
  await Deno.rename(mount, disk.path("pulled"));
  await Deno.mkdir(mount);
  await assert.rejects(keys(store), /another one than before, and empty/);
  await assert.rejects(store.get(FACE, { signal }), /another one than before/);
  await Deno.remove(mount);
  await Deno.rename(disk.path("pulled"), mount);
  assert.deepEqual(await keys(store), [FACE]);
  await Deno.remove(disk.path("mount/2026-11-25"), { recursive: true });
  assert.deepEqual(await keys(store), [], "emptied by its owner");
});

Deno.test("added and removed files appear in the next listing", async () => {
  await using disk = new SharedDisk();
  const store = openFolderStore(disk.folder);
  for (let count = 0; count < 50; count++) {
    await disk.write(`2026-11-25/${String(count).padStart(2, "0")}.png`);
    assert.equal((await keys(store)).length, count + 1);
  }
  await Deno.remove(disk.path("2026-11-25/00.png"));
  assert.equal((await keys(store)).length, 49);
});

Deno.test("a file server's clock may be behind ours", async () => {
  await using disk = new SharedDisk();
  const store = openFolderStore(disk.folder);
  const behind = (Date.now() - 600_000) / 1000;
  for (const count of [1, 2]) {
    await disk.write(`2026-11-25/${count}.png`);
    // Both files in one tick of the server's clock.
    await Deno.utime(disk.path("2026-11-25"), behind, Math.floor(behind));
    assert.equal((await keys(store)).length, count);
  }
});
