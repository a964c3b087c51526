/** `deno task test:containers`: builds the images from what is in dist/ and runs the pipeline in them. */
import assert from "node:assert/strict";
import { visitsPath } from "../../lib/testing/visits_path.ts";
import { join } from "node:path";
import { descendants } from "../servers/descendants.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { compose, type Service, USER } from "./compose.ts";
import { PROGRAMS } from "./declarations.ts";
import { buildImage, Container, MACHINES, needsImages, OURS, versionFor } from "./images.ts";

const TOKEN = "5d1c0b97a2e84f36b81d7c20e9f4a563";

for (const machine of MACHINES) {
  const options = { ...needsImages(machine), sanitizeResources: false };
  Deno.test(`${machine}: the images run the whole pipeline`, options, async (t) => {
    const images = { cloud: "", board: "" };
    await t.step("both images build", async () => {
      for (const target of ["cloud", "board"] as const) images[target] = await buildImage(target, machine);
    });
    await using cloud = await Container.of(images.cloud);
    await using board = await Container.of(images.board);
    await t.step(
      "the images have no shell and no root",
      async () => looksRight(cloud, board, await versionFor(machine)),
    );
    await t.step(
      "each package in them has its copyright file, and so have we",
      () => copyrights(cloud, board),
    );
    await t.step("an executable of another version is refused", async () => {
      await assert.rejects(
        buildImage("cloud", machine, ["HAARLEM_BUILD_VERSION=9.9.9"]),
        /not of version "9.9.9"/,
      );
    });
    await t.step("a face goes from the detector to the gallery", () => pipeline(cloud, board));
    await t.step("at home, one image detects, stores and shows faces", () => home(board));
    if (machine === OURS) {
      await t.step("the detector runs where only /state is writable", () => readOnly(board));
    }
  });
}

/** No shell, no root, one executable, and every program prints its version. */
async function looksRight(cloud: Container, board: Container, version: string): Promise<void> {
  for (const [container, programs] of [[cloud, ["haarlem"]], [board, ["ffmpeg", "haarlem"]]] as const) {
    const { User, Entrypoint, Cmd, Healthcheck, Labels } = container.config;
    assert.equal(Labels["org.opencontainers.image.version"], version);
    assert.equal(User, `${USER}:${USER}`);
    assert.deepEqual([Entrypoint, Cmd], [["/usr/bin/haarlem"], ["--help"]]);
    assert.deepEqual(Healthcheck.Test.slice(0, 2), ["CMD", "/usr/bin/haarlem"]);
    const files = await container.files();
    const found = Array.from(Deno.readDirSync(join(files, "usr/bin")), ({ name }) => name).sort();
    assert.deepEqual(found, programs);
    for (const program of PROGRAMS.keys()) {
      const { code, stdout } = await runProgram("haarlem", [], {
        command: container.command([...Entrypoint, program, "--version"]),
      });
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`${program} ${RegExp.escape(version)} `));
    }
  }
}

/** Every Debian package in an image, and our executable, have their copyright file. */
async function copyrights(cloud: Container, board: Container): Promise<void> {
  for (const container of [cloud, board]) {
    const files = await container.files();
    const noted = Array.from(Deno.readDirSync(join(files, "var/lib/dpkg/status.d")), ({ name }) => name);
    assert.ok(["libc6", "libgcc-s1", "ca-certificates"].every((name) => noted.includes(name)), `${noted}`);
    for (const name of noted) {
      assert.ok((await Deno.stat(join(files, "usr/share/doc", name, "copyright"))).size > 0, name);
    }
    for (const name of ["copyright", "haarlem.licenses.txt"]) {
      assert.ok((await Deno.stat(join(files, "usr/share/doc/haarlem", name))).size > 0, name);
    }
  }
}

async function pipeline(cloud: Container, board: Container): Promise<void> {
  await using broker = await Mosquitto.start();
  const folder = await Deno.makeTempDir({ prefix: "faces-" });
  for (const name of ["faces", "state"]) {
    await Deno.mkdir(join(folder, name));
    await Deno.chown(join(folder, name), USER, USER);
  }
  const volumes = { "/faces": join(folder, "faces"), "/state": join(folder, "state") };
  const health = (port: number) => ({
    HAARLEM_HEALTH: `127.0.0.1:${port}`,
    HAARLEM_FACES: "",
    HAARLEM_MOTION: "",
  });
  const started = (container: Container, program: string, port: number, env: Record<string, string>) =>
    new RunningProgram(program, [], {
      command: container.command([...container.config.Entrypoint, program], {
        env: { ...health(port), ...env },
        volumes,
      }),
    });
  const ports = [freePort(), freePort(), freePort(), freePort()];
  await using saver = started(cloud, "saver", ports[0], {
    HAARLEM_BROKER: broker.url,
    HAARLEM_STORE: "/faces",
  });
  await saver.printed(/connected to the broker/);
  await using gallery = started(cloud, "gallery", ports[1], {
    HAARLEM_STORE: "/faces",
    HAARLEM_LISTEN: `127.0.0.1:${ports[2]}`,
    HAARLEM_TOKEN: TOKEN,
  });
  await gallery.printed(/gallery at/);
  await using detector = started(board, "detector", ports[3], {
    HAARLEM_BROKER: broker.url,
    HAARLEM_SOURCE: "sample",
    HAARLEM_ONCE: "true",
  });
  await detector.printed(/first frame/, { limitMs: 180_000 });
  const [first, ...probe] = cloud.config.Healthcheck.Test.slice(1);
  for (const [port, code] of [[ports[0], 0], [freePort(), 1]]) {
    const args = probe.map((word) => word.replace(":9100/", `:${port}/`));
    assert.equal((await runProgram("probe", [], { command: cloud.command([first, ...args]) })).code, code);
  }
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /stored=1|receipts|faces=1/);
  const days = Array.from(Deno.readDirSync(join(folder, "faces")), ({ name }) => name);
  assert.equal(days.length, 1, stderr + saver.stderr);
  const { uid } = await Deno.stat(join(folder, "faces", days[0]));
  assert.equal(uid, USER);
  const page = await fetch(`http://127.0.0.1:${ports[2]}/${visitsPath()}`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  assert.match(await page.text(), new RegExp(days[0]));
  for (const program of [saver, gallery]) {
    // Docker signals the program itself too.
    Deno.kill(descendants(program.pid).at(-1)!, "SIGTERM");
    assert.equal((await program.ended()).code, 0, program.stderr);
  }
  await Deno.remove(folder, { recursive: true });
}

/** The programs of home/compose.yaml, with its settings and folders; only the camera and the ports are the test's. */
async function home(board: Container): Promise<void> {
  await using broker = await Mosquitto.start();
  const { services } = JSON.parse(await compose("home"));
  const folder = await Deno.makeTempDir({ prefix: "home-" });
  const gallery = freePort();
  const ours: Record<string, string> = {
    HAARLEM_SOURCE: "sample",
    HAARLEM_LISTEN: `127.0.0.1:${gallery}`,
    HAARLEM_TOKEN: TOKEN,
  };
  const started = async (program: string, more: Record<string, string> = {}) => {
    const { environment, volumes, command } = services[program] as Service;
    const outside: Record<string, string> = {};
    for (const { source, target, read_only } of volumes!) {
      const path = join(folder, source);
      await Deno.mkdir(path, { recursive: true });
      await Deno.chown(path, USER, USER); // As the service `folder` does it, and Docker with a volume.
      outside[read_only ? `${target}:ro` : target] = path;
    }
    const env = Object.fromEntries(
      Object.entries(environment!).map(([name, value]) => [
        name,
        name === "HAARLEM_BROKER" ? broker.url : ours[name] ?? value,
      ]),
    );
    const words = [...board.config.Entrypoint, ...command!];
    return new RunningProgram(program, [], {
      command: board.command(words, {
        env: { ...env, HAARLEM_HEALTH: `127.0.0.1:${freePort()}`, ...more },
        volumes: outside,
      }),
    });
  };
  await using saver = await started("saver");
  await saver.printed(/connected to the broker/);
  await using page = await started("gallery");
  await page.printed(/gallery at/);
  await using detector = await started("detector", { HAARLEM_ONCE: "true" });
  const { code, stderr } = await detector.ended({ limitMs: 300_000 }); // Its processor may be emulated.
  assert.equal(code, 0, stderr);
  assert.match(stderr, /faces=[1-9]\d* waiting=0/);
  const days = Array.from(Deno.readDirSync(join(folder, "srv/faces")), ({ name }) => name);
  assert.equal(days.length, 1, saver.stderr);
  const address = `http://127.0.0.1:${gallery}/${visitsPath()}`;
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const shown = await fetch(address, { headers });
  assert.match(await shown.text(), new RegExp(days[0]));
  const refused = await fetch(address);
  assert.equal(refused.status, 401);
  await refused.body?.cancel();
  for (const program of [saver, page]) {
    Deno.kill(descendants(program.pid).at(-1)!, "SIGTERM");
    assert.equal((await program.ended()).code, 0, program.stderr);
  }
  await Deno.remove(folder, { recursive: true });
}

/** Runs in the image's files, mounted read-only, as its user, with /dev and /proc of the machine only. */
async function readOnly(board: Container): Promise<void> {
  const script = `set -e; cd "$1"; mkdir -p proc dev
    mount --bind . . ; cd "$1"; mount --rbind /dev dev; mount -t proc proc proc
    mount -t tmpfs -o uid=${USER},gid=${USER} none state; mount -o remount,ro,bind .; shift
    exec env --ignore-environment "PATH=$PATH" "$@"`;
  const files = await board.files();
  const inside = ["chroot", `--userspec=${USER}:${USER}`, files, "/usr/bin/haarlem"];
  const args = ["detector", "--source", "sample", "--once", "--out", "/state/faces"];
  const env = board.config.Env.filter((line) => !line.startsWith("PATH="));
  const command = ["unshare", "--mount", "sh", "-c", script, "sh", files, ...env, ...inside];
  const { code, stderr } = await runProgram("detector", args, { command });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /written=1/);
  const other = await runProgram("detector", [...args.slice(0, -1), "/faces"], { command });
  assert.notEqual(other.code, 0);
  assert.match(other.stderr, /[Rr]ead-only file system/);
}
