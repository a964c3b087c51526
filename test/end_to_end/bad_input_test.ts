/** Bad input and missing things end in one clear message, or are refused, counted and passed over. */
import assert from "node:assert/strict";
import { cascadeFile, compiledName } from "../../lib/haar/shipped_cascade.ts";
import { parseReceipts } from "../../lib/face/receipt.ts";
import { identity } from "../../lib/face/face_file.ts";
import { encodePng } from "../../lib/image/png.ts";
import { openMqttBus } from "../../lib/bus/mqtt_bus.ts";
import { needs } from "../needs.ts";
import { CutLink } from "../servers/cut_link.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import { Pipeline } from "./pipeline.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A folder with files that go with the test. */
class Folder implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  file(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = `${this.path}/${name}`;
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    Deno.chmodSync(path, mode);
    return path;
  }

  /** A folder for PATH with an ffmpeg that does what the script says, and before it answers to -version. */
  ffmpeg(script: string, { answer = "echo ffmpeg version 5.1; exit" } = {}): Record<string, string> {
    this.file("ffmpeg", `#!/bin/sh\ncase "$*" in -version) ${answer};; esac\n${script}\n`, 0o755);
    return { PATH: `${this.path}:/usr/bin:/bin` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Starts a program that must end by itself, with this code and with exactly one message and one hint. */
async function ends(
  program: string,
  args: readonly string[],
  { code, says, env }: { code: number; says: RegExp; env?: Record<string, string> },
): Promise<void> {
  const ended = await runProgram(program, args, { env });
  assert.match(ended.stderr, says);
  assert.equal(ended.code, code, ended.stderr);
  assert.doesNotMatch(ended.stderr, /\n\s+at /, "no stack trace");
}

Deno.test("a mistake in the detector's settings is told at once, whatever waits and whoever is away", async () => {
  await using folder = new Folder();
  const waiting = "000000000001-" + identity(new TextEncoder().encode("x"));
  Deno.mkdirSync(`${folder.path}/outbox`);
  folder.file(`outbox/${waiting}`, "x");
  const nobody = ["--broker", "mqtt://127.0.0.1:1"];
  for (const [name, value] of [["--source", "gone.mp4"], ["--source=sample --cascade", "gone.xml"]]) {
    for (const way of [["--receipts", "off"], ["--state", folder.path]]) {
      const beganMs = performance.now();
      await ends("detector", [...name.split(" "), value, ...way, ...nobody], { code: 78, says: /Try: / });
      assert.ok(performance.now() - beganMs < 15_000, `${name} ${way}`);
    }
  }
});

Deno.test("a detector without its camera, file or ffmpeg says so", async () => {
  await using folder = new Folder();
  const out = ["--once", "--out", `${folder.path}/out`];
  await ends("detector", ["--source", "/dev/video99", ...out], {
    code: 1,
    says: /no camera at "\/dev\/video99"\nTry: /,
  });
  await ends("detector", ["--source", "gone.mp4", ...out], {
    code: 78,
    says: /"gone.mp4": no such file\nTry: /,
  });
  const clip = folder.file("clip.mp4", "\0x");
  const noFfmpeg = { PATH: "/nowhere" };
  await ends("detector", ["--source", clip, ...out], {
    code: 78,
    says: /"ffmpeg".* is not installed\nTry: run sudo apt-get install ffmpeg/,
    env: noFfmpeg,
  });
});

Deno.test(
  "a detector starts ffmpeg whatever the loader is told to load, and clips are read",
  needs("ffmpeg"),
  async () => {
    await using folder = new Folder();
    const clip = folder.file("clip.mp4", "\0x");
    const source = ["--source", clip, "--once", "--out", `${folder.path}/out`];
    const set = { LD_LIBRARY_PATH: "/usr/local/cuda/lib64", LD_PRELOAD: "", LD_BIND_NOW: "1", LD_OTHER: "1" };
    await ends("detector", source, { code: 1, says: /neither a video nor a picture/, env: set });
  },
);

Deno.test("an ffmpeg that is too old, or lacks an option, is no matter of the camera", async () => {
  await using folder = new Folder();
  const camera = ["--source", "/dev/null", "--out", `${folder.path}/out`];
  const old = "echo 'ffmpeg version 3.3.9-1ubuntu1 Copyright (c) 2000-2018 the FFmpeg developers'";
  await ends("detector", camera, {
    code: 78,
    says: /ffmpeg "3.3.9-1ubuntu1" is too old: should be 3.4 or newer\nTry: /,
    env: folder.ffmpeg("", { answer: old }),
  });
  for (
    const complaint of [
      "Unrecognized option 'fps_mode'.\nError splitting the argument list: Option not found",
      "Option input_format not found.",
      "[in#0 @ 0x55a124cbed00] Unknown input format: 'v4l2'",
    ]
  ) {
    await ends("detector", camera, {
      code: 78,
      says: /ffmpeg rejects an option: .*\nTry: check --ffmpeg-options/,
      env: folder.ffmpeg(`printf '%b\\n' "${complaint}" >&2; exit 1`),
    });
  }
  for (
    const [code, complaint] of [
      [127, "ffmpeg: error while loading shared libraries: libavdevice.so.58"],
      [1, "ffmpeg: /lib/libc.so.6: version `GLIBC_2.34' not found"],
    ] as const
  ) {
    await ends("detector", camera, {
      code: 78,
      says:
        /ffmpeg does not start: ffmpeg: (error.*libavdevice.so.58|.*GLIBC_2.34' not found)\nTry: install ffmpeg/,
      env: folder.ffmpeg("", {
        answer: `echo ${JSON.stringify(complaint).replace("`", "\\`")} >&2; exit ${code}`,
      }),
    });
  }
});

Deno.test("an ffmpeg that is there and does not start is not told as one that is not installed", async () => {
  await using folder = new Folder();
  const source = ["--source", "/dev/null", "--out", `${folder.path}/out`];
  const cases: [content: string | undefined, mode: number, says: RegExp][] = [
    [
      "#!/bin/sh\n",
      0o644,
      /not allowed to start ".*\/ffmpeg": this user may not execute it\nTry: run sudo chmod/,
    ],
    [
      undefined,
      0o755,
      /cannot start ".*\/ffmpeg": it is a folder, not a program\nTry: remove the folder/,
    ],
    ["#!/no/such\n", 0o755, /cannot start ".*\/ffmpeg": its interpreter or loader.*\nTry: run sudo apt-get/],
    // Deno 2.9 leaves it to the shell, which does not understand it.
    ["\x7fELF\x02\x01\x01\0\0", 0o755, /cannot start "ffmpeg": it is damaged|ffmpeg does not start: /],
  ];
  for (const [content, mode, says] of cases) {
    const path = `${folder.path}/${mode}${content?.length}`;
    Deno.mkdirSync(path);
    if (content === undefined) Deno.mkdirSync(`${path}/ffmpeg`);
    else folder.file(`${mode}${content.length}/ffmpeg`, content, mode);
    await ends("detector", source, { code: 78, says, env: { PATH: path } });
  }
});

Deno.test("a detector whose camera is busy, forbidden, frozen or no camera says so", async () => {
  await using folder = new Folder();
  const camera = ["--source", "/dev/null", "--once", "--out", `${folder.path}/out`, "--stall", "1"];
  const complains = (text: string) => folder.ffmpeg(`echo '/dev/null: ${text}' >&2; exit 1`);
  await ends("detector", camera, {
    code: 1,
    says: /in use by another program\nTry: run fuser -v \/dev\/null/,
    env: complains("Device or resource busy"),
  });
  await ends("detector", camera, {
    code: 1,
    says: /no permission.*\nTry: .*video/,
    env: complains("Permission denied"),
  });
  await ends("detector", camera, {
    code: 1,
    says: /cannot read.*Inappropriate ioctl/,
    env: complains("Inappropriate ioctl for device"),
  });
  await ends("detector", camera, {
    code: 1,
    says: /gave no frame for 1 s/,
    env: folder.ffmpeg("exec sleep 100"),
  });
});

Deno.test("a camera that freezes or is unplugged later is waited for, and no ffmpeg stays behind", async () => {
  await using folder = new Folder();
  const frame =
    "printf 'YUV4MPEG2 W64 H64 F30:1 C420mpeg2\\n'; for n in 1 2 3; do printf 'FRAME\\n'; head -c 6144 /dev/zero; done";
  const env = folder.ffmpeg(`echo $$ >>${folder.path}/pids; ${frame}; exec sleep 1000`);
  const args = ["--source", "/dev/null", "--out", `${folder.path}/out`, "--stall", "1"];
  await using detector = new RunningProgram("detector", args, { env });
  await detector.printed(/camera is lost: "\/dev\/null" gave no frame for 1 s; retrying/);
  await detector.printed(/camera is back/);
  detector.signal("SIGTERM");
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0);
  assert.ok(Number(/frames=(\d+)/.exec(stderr)?.[1]) >= 2, stderr);
  for (const pid of (await Deno.readTextFile(`${folder.path}/pids`)).trim().split("\n")) {
    assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
  }
});

Deno.test("a camera that sends data but no key frame yet is waited for and not opened anew", async () => {
  await using folder = new Folder();
  const complaint = "echo '[h264 @ 0x1] [error] non-existing PPS 0 referenced' >&2; sleep 0.2";
  const frames =
    "printf 'YUV4MPEG2 W64 H64 F30:1 C420mpeg2\\nFRAME\\n'; head -c 6144 /dev/zero; exec sleep 1000";
  const env = folder.ffmpeg(
    `for n in 1 2 3 4 5 6 7 8 9 10 11 12; do ${complaint}; done; ${frames}`,
  );
  const args = ["--source", "/dev/null", "--out", `${folder.path}/out`, "--stall", "1"];
  await using detector = new RunningProgram("detector", args, { env });
  await detector.printed(/waiting for the camera: "\/dev\/null" sends data but no key frame yet/);
  await detector.printed(/the camera is back/);
  await detector.printed(/first frame/);
  await detector.printed(/the camera is lost: "\/dev\/null" gave no frame for 1 s; retrying/);
  assert.equal(detector.stderr.match(/waiting for the camera/g)?.length, 1);
  detector.signal("SIGTERM");
  await detector.ended();
});

Deno.test("a device is left to ffmpeg to look at", { ignore: Deno.uid() !== 0 }, async () => {
  // Deno 2.9 refuses to look at anything in /dev but a few names; a camera must not count as missing for that.
  await using folder = new Folder();
  const device = await Deno.makeTempFile({ dir: "/dev", prefix: "haarlem-test-" });
  try {
    const env = folder.ffmpeg("echo 'Device or resource busy' >&2; exit 1");
    await ends("detector", ["--source", device, "--out", `${folder.path}/out`], {
      code: 1,
      says: /in use by another/,
      env,
    });
  } finally {
    await Deno.remove(device);
  }
});

Deno.test("faces that wait are sent even when the camera is gone", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ started: false });
  await using folder = new Folder();
  const way = ["--broker", broker.url, "--state", `${folder.path}/state`, "--retry", "1"];
  {
    await using detector = new RunningProgram("detector", ["--source", "sample", ...way]);
    while (Array.from(Deno.readDirSync(folder.path)).length === 0 || outboxOf(folder).length < 3) {
      await sleep(100);
    }
    await detector.kill();
  }
  await broker.start();
  await using saver = new RunningProgram("saver", [
    "--broker",
    broker.url,
    "--store",
    `${folder.path}/store`,
  ]);
  await saver.printed(/connected/);
  await ends("detector", ["--source", "/dev/video99", ...way], { code: 1, says: /no camera/ });
  assert.deepEqual(outboxOf(folder), []);
});

function outboxOf(folder: Folder): string[] {
  try {
    return Array.from(Deno.readDirSync(`${folder.path}/state/outbox`), ({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("the plain way waits for its broker too", needs("mosquitto"), async () => {
  await using broker = await Mosquitto.start({ started: false });
  const args = ["--source", "sample", "--once", "--receipts", "off", "--broker", broker.url];
  await using detector = new RunningProgram("detector", args);
  await detector.printed(/no connection to the broker/);
  await broker.start();
  const { code, stderr } = await detector.ended();
  assert.equal(code, 0);
  assert.match(stderr, /sent=17 lost=0/);
});

Deno.test(
  "a detector that gets no receipts says so, and a logger prints a face once however often it is sent",
  {
    ...needs("mosquitto"),
  },
  async () => {
    await using broker = await Mosquitto.start();
    await using folder = new Folder();
    await using logger = new RunningProgram("logger", ["--broker", broker.url, "--json"]);
    await logger.printed(/connected/);
    const way = ["--broker", broker.url, "--state", folder.path, "--retry", "0.5"];
    await using detector = new RunningProgram("detector", ["--source", "sample", "--once", ...way]);
    await detector.printed(/no receipt comes/);
    await sleep(2_000);
    assert.equal(detector.stderr.match(/no receipt comes/g)?.length, 1);
    const ids = logger.stdout.trim().split("\n").map((line) => JSON.parse(line).id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length > 10, `${ids.length} lines`);
  },
);

Deno.test("what is no picture, clip or cascade is named", needs("ffmpeg"), async () => {
  await using folder = new Folder();
  const out = ["--once", "--out", `${folder.path}/out`];
  const text = folder.file("words.png", "not a picture at all");
  await ends("detector", ["--source", text, ...out], {
    code: 1,
    says: /words.png" is neither a video nor a picture/,
  });
  const png = encodePng({ width: 8, height: 8, rgb: new Uint8Array(192) });
  const short = folder.file("short.png", png.subarray(0, 60));
  await ends("detector", ["--source", short, ...out], {
    code: 1,
    says: /short.png" is no picture: truncated PNG/,
  });
  for (const name of ["words.mp4", "words of 401 403 Forbidden.mp4"]) {
    const clip = folder.file(name, "not a clip at all");
    await ends("detector", ["--source", clip, ...out], { code: 1, says: /words.*mp4" is neither a video/ });
  }
  const sample = ["--source", "sample", ...out, "--cascade"];
  await ends("detector", [...sample, text], { code: 78, says: /holds no cascade.*\nTry: set --cascade/ });
  const intoFile = ["--source", "sample", "--once", "--out", text];
  await ends("detector", intoFile, { code: 78, says: /cannot store in the folder/ });
  await ends("detector", [...sample, "gone.xml"], { code: 78, says: /cannot read --cascade "gone.xml"/ });
  const compiled = cascadeFile(compiledName("haarcascade_eye.xml")).pathname;
  await ends("detector", [...sample, compiled], {
    code: 78,
    says: /is a compiled cascade, which only .*\nTry: /,
  });
});

for (const status of [401, 403]) {
  Deno.test(`a camera that answers ${status} wants another password`, needs("ffmpeg"), async () => {
    await using folder = new Folder();
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response(null, { status }),
    );
    const source = `http://127.0.0.1:${server.addr.port}/video`;
    await ends("detector", ["--source", source, "--once", "--out", folder.path], {
      code: 1,
      says: /refuses the user name or password/,
    });
  });
}

Deno.test("all mistakes in the settings are reported at once, before any work", async () => {
  const wrong = [
    "--scale-factor",
    "0",
    "--topik",
    "x",
    "--qos",
    "3",
    "--camera",
    "a/b",
    "--broker",
    "http://x",
  ];
  const { code, stderr } = await runProgram("detector", wrong);
  assert.equal(code, 78);
  for (const part of ["scale-factor", "--topik", "--qos", "--camera", "--broker", "Try: set --topic"]) {
    assert.ok(stderr.includes(part), `${part} is missing in:\n${stderr}`);
  }
});

Deno.test(
  "a saver with a wrong bucket or wrong credentials ends with one message",
  needs("versitygw"),
  async () => {
    await using s3 = await S3Server.start();
    const at = (
      bucket: string,
    ) => ["--store", `s3://${bucket}/x`, "--s3-endpoint", s3.endpoint, "--broker", "mqtt://127.0.0.1:9"];
    const env = s3.credentials;
    await ends("saver", at("nobucket"), { code: 78, says: /no bucket "nobucket".*\nTry: /, env });
    await ends("saver", at(s3.bucket), {
      code: 78,
      says: /secret key\nTry: /,
      env: { ...env, AWS_SECRET_ACCESS_KEY: "wrong" },
    });
    await ends("saver", at(s3.bucket), {
      code: 78,
      says: /access key\nTry: /,
      env: { ...env, AWS_ACCESS_KEY_ID: "nobody" },
    });
    const nobody = {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
      AWS_CONFIG_FILE: "/nowhere",
    };
    await ends("saver", at(s3.bucket), { code: 1, says: /no AWS credentials found\nTry: /, env: nobody });
    await ends("saver", ["--store", "ftp://x"], { code: 78, says: /"ftp:\/\/x" is no store\nTry: / });
    await ends("saver", ["--store", "/proc/none"], { code: 78, says: /cannot store in the folder/ });
    await ends("saver", [], { code: 78, says: /--store is required: s3:\/\/BUCKET\/PREFIX or a folder/ });
  },
);

Deno.test("messages that can never be stored are refused, counted, kept aside and passed over", {
  ...needs("mosquitto", "versitygw"),
}, async () => {
  await using pipeline = await Pipeline.start();
  await using folder = new Folder();
  await pipeline.startSaverInstead(["--state", folder.path]);
  const bus = openMqttBus({ url: new URL(pipeline.cloud.url), clientId: "stranger", statusTopic: "x" });
  const done = new AbortController();
  await bus.ready({ signal: done.signal });
  const receipts = new Map<string, string | undefined>();
  const listening = (async () => {
    for await (const { payload } of bus.messages("face_detection/receipt", { qos: 1, signal: done.signal })) {
      for (const { id, refused } of parseReceipts(payload)) receipts.set(id, refused);
    }
  })();
  await sleep(200);
  const good = encodePng({ width: 30, height: 30, rgb: new Uint8Array(2_700).fill(5) });
  const bad = [
    new Uint8Array(0),
    new TextEncoder().encode("hello"),
    good.subarray(0, 50).slice(),
    new Uint8Array(50 * 2 ** 20).fill(1),
  ];
  for (const payload of [...bad, good]) await bus.publish("face_detection", payload, { qos: 1 });
  for (let tries = 0; receipts.size < 5 && tries < 200; tries++) await sleep(100);
  done.abort();
  await listening;
  await bus.close();

  const reasons = bad.map((payload) => receipts.get(identity(payload)));
  assert.deepEqual(reasons, [
    "an empty message",
    "neither a PNG nor a JPEG",
    "truncated PNG",
    "larger than --max-message",
  ]);
  assert.equal(receipts.get(identity(good)), undefined);
  assert.equal((await pipeline.faces()).size, 1);
  const kept = Array.from(Deno.readDirSync(`${folder.path}/refused`));
  assert.equal(kept.filter(({ name }) => name.endsWith(".txt")).length, 4);
  pipeline.saver.signal("SIGTERM");
  assert.match((await pipeline.saver.ended()).stderr, /done stored=1 refused=4 dropped=0/);
});

Deno.test(
  "a forwarder between one broker and itself refuses, under whatever name",
  needs("mosquitto"),
  async () => {
    await using broker = await Mosquitto.start();
    await using link = new CutLink(broker.port);
    const says = /are the same broker.*\nTry: /;
    await ends("forwarder", ["--edge", broker.url, "--cloud", broker.url.replace("127.0.0.1", "localhost")], {
      code: 78,
      says,
    });
    await ends("forwarder", ["--edge", broker.url, "--cloud", `mqtt://127.0.0.1:${link.port}`], {
      code: 78,
      says,
    });
  },
);

/** A small disk in memory; only root may make one. */
class SmallDisk implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();

  constructor(kib: number) {
    const { success } = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", this.path],
    }).outputSync();
    if (!success) throw new Error("cannot mount a tmpfs");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("umount", { args: [this.path] }).output();
    await Deno.remove(this.path);
  }
}

const canMount = { ignore: Deno.uid() !== 0 };

Deno.test("a saver whose disk is full waits, says so once and leaves nothing half-written", {
  ignore: canMount.ignore || needs("mosquitto").ignore,
}, async () => {
  await using disk = new SmallDisk(100);
  await using broker = await Mosquitto.start();
  await using saver = new RunningProgram("saver", ["--store", disk.path, "--broker", broker.url]);
  await saver.printed(/connected/);
  await using state = new Folder();
  const args = [
    "--source",
    "sample",
    "--once",
    "--state",
    state.path,
    "--broker",
    broker.url,
    "--retry",
    "1",
  ];
  await using detector = new RunningProgram("detector", args);
  await saver.printed(/cannot store:.*; retrying/);
  await sleep(1_500);
  // A smaller face may still fit in between, and then the disk is full anew.
  const times = (what: RegExp) => saver.stderr.match(what)?.length ?? 0;
  assert.equal(times(/cannot store/g), times(/the store is back/g) + 1, saver.stderr);
  await new Deno.Command("mount", { args: ["-o", "remount,size=10m", disk.path] }).output();
  assert.equal((await detector.ended()).code, 0);
  await saver.printed(/the store is back/);
  const found: string[] = [];
  for (const { name } of Deno.readDirSync(disk.path)) {
    found.push(...Array.from(Deno.readDirSync(`${disk.path}/${name}`), (entry) => entry.name));
  }
  assert.equal(found.filter((name) => name.endsWith(".png")).length, 17);
  assert.equal(found.length, 17, "no temporary files");
});

Deno.test("machines are told of the end in their own format", async () => {
  const args = ["--source", "/dev/video99", "--out", Deno.makeTempDirSync(), "--log-format", "json"];
  const { code, stderr } = await runProgram("detector", args);
  assert.equal(code, 1);
  const { level, program, message, hint } = JSON.parse(stderr);
  assert.deepEqual([level, program, message], ["error", "detector", 'no camera at "/dev/video99"']);
  assert.match(hint, /by-id/);
});
