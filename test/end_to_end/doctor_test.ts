/** doctor beside real brokers, a real S3 server and ffmpeg: what it finds, what it leaves behind, what it disturbs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { output, run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { AlmostS3 } from "../servers/almost_s3.ts";
import { Authority } from "../servers/certificates.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { type Ended, RunningProgram, runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";

const PASSWORD = "Secret-of-board1";

/** One line of the report. */
interface Finding {
  readonly name: string;
  readonly state: "ok" | "note" | "wrong";
  readonly text: string;
  readonly hint?: string;
}

/** Runs doctor with --json. The clock of a machine without a time service is nobody's fault here. */
async function examine(
  args: string[],
  options: { env?: Record<string, string> } = {},
): Promise<Ended & { ok: boolean; checks: Finding[]; lines: string }> {
  const ended = await runProgram("doctor", ["--json", ...args], options);
  assert.ok(ended.stdout.startsWith("{"), ended.stdout + ended.stderr);
  const { ok, checks }: { ok: boolean; checks: Finding[] } = JSON.parse(ended.stdout);
  assert.equal(ended.code, ok ? 0 : 1);
  const lines = checks.map(({ name, state, text, hint = "" }) => `${state} ${name}: ${text}. ${hint}`).join(
    "\n",
  );
  return { ...ended, ok, checks, lines };
}

/** A Mosquitto with accounts for a board and a saver, whose access control list is that of deploy/. */
async function strictBroker(folder: TempFolder, more = ""): Promise<Mosquitto> {
  const acl = folder.write("acl", await Deno.readTextFile(inProject("deploy/mosquitto/cloud.acl")));
  const passwords = folder.write("passwords", "");
  for (const user of ["board1", "saver"]) await run("mosquitto_passwd", ["-b", passwords, user, PASSWORD]);
  await Deno.chmod(passwords, 0o644);
  await Deno.chmod(folder.path, 0o755);
  return await Mosquitto.start({
    anonymous: false,
    more: [`acl_file ${acl}`, `password_file ${passwords}`, more].join("\n"),
  });
}

Deno.test(
  "a detector's camera, search, disk and broker are all right, and nothing stays at the broker",
  needs("mosquitto", "ffmpeg"),
  async () => {
    using folder = new TempFolder();
    await using broker = await strictBroker(folder);
    const url = broker.url.replace("mqtt://", `mqtt://board1:${PASSWORD}@`);
    await using logger = new RunningProgram("logger", [], {
      env: { HAARLEM_BROKER: url.replace("board1", "saver") },
    });
    await logger.printed(/connected/);
    const clip = folder.at("clip.mkv");
    const picture = inProject("lib/camera/sample/astronaut.png");
    await run("ffmpeg", ["-v", "error", "-loop", "1", "-t", "1", "-i", picture, clip]);
    // The settings stand where the detector has them: a section, a variable of its own, a flag.
    const file = folder.write(
      "haarlem.toml",
      `[detector]\nsource = "${clip}"\nmin-size = 40\n[saver]\nputs = 3\n`,
    );
    const { checks, lines, stdout, stderr } = await examine(
      ["--config", file, "--state", folder.at("state"), "--try-topics", "on"],
      { env: { HAARLEM_DETECTOR_BROKER: url } },
    );
    assert.deepEqual(checks.filter(({ state, name }) => state === "wrong" && name !== "clock"), [], lines);
    for (
      const line of [
        /^ok version: haarlem /m,
        /^ok ffmpeg: \d/m,
        /^ok camera: .*clip\.mkv: a frame of 512x512 after /m,
        /^ok search: haar, haarcascade_frontalface_default\.xml: faces from \d+x\d+ pixels; found the sample's face/m,
        /^ok disk: .*MiB free/m,
        /^ok broker: 127\.0\.0\.1:\d+: connected by MQTT 5/m,
        /^ok broker: may subscribe to face_detection\/receipt, publish to face_detection\./m,
        /^ok broker: a message came back/m,
      ]
    ) assert.match(lines, line);
    assert.ok(!(stdout + stderr).includes(PASSWORD));
    assert.equal(logger.stdout, "", "the trial of the topic is no message for people");
    const left = await output("mosquitto_sub", [
      "-L",
      `${url.replace("board1", "saver")}/haarlem/+/doctor/+`,
      "-W",
      "1",
    ]);
    assert.equal(left.stdout, "");
    assert.deepEqual(
      Array.from(Deno.readDirSync(folder.path), ({ name }) => name).filter((name) => /doctor/.test(name)),
      [],
    );
  },
);

Deno.test(
  "an account without a right, a wrong password and a broker that is away each say what to do",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    await using broker = await strictBroker(folder);
    const as = (user: string, password = PASSWORD) =>
      broker.url.replace("mqtt://", `mqtt://${user}:${password}@`);
    const common = ["--source", "sample", "--out", folder.at("faces")];
    const denied = await examine(["--program", "saver", "--try-topics", "on"], {
      env: { HAARLEM_BROKER: as("board1") },
    });
    assert.match(
      denied.lines,
      /^wrong broker: cannot publish to "face_detection\/receipt": .*no right.*allow this account to write/m,
    );
    const wrong = await examine(["--program", "logger"], {
      env: { HAARLEM_BROKER: as("saver", "No-such-password") },
    });
    assert.match(wrong.lines, /^wrong broker: .*refuses the user name or password\. check user name/m);
    assert.ok(!wrong.stdout.includes("No-such-password"));
    const port = 1; // No server of a test listens there.
    const away = await examine(["--cloud", `mqtt://127.0.0.1:${port}`, ...common], {
      env: { HAARLEM_EDGE: as("board1") },
    });
    assert.match(
      away.lines,
      new RegExp(`^wrong forwarder cloud broker: .*nothing listens on 127.0.0.1:${port}.*set --cloud`, "m"),
    );
    assert.match(away.lines, /^ok forwarder edge broker: .*connected/m);
    assert.match(away.lines, /^ok detector camera: sample: a frame/m);
  },
);

Deno.test(
  "a certificate of an unknown authority is named, and a right one accepted",
  needs("mosquitto"),
  async () => {
    using folder = new TempFolder();
    await using authority = await Authority.create();
    const { cert, key } = await authority.sign();
    const port = freePort();
    const tls = [
      `listener ${port} 127.0.0.1`,
      `cafile ${authority.cert}`,
      `certfile ${cert}`,
      `keyfile ${key}`,
    ];
    await using broker = await Mosquitto.start({ more: tls.join("\n") });
    assert.ok(broker.port > 0);
    const address = ["--program", "saver", "--broker", `mqtts://127.0.0.1:${port}`, "--store", folder.path];
    const unknown = await examine(address);
    assert.match(unknown.lines, /^wrong broker: .*signed by "Test Authority".*set --broker-ca/m);
    const trusted = await examine([...address, "--broker-ca", authority.cert]);
    assert.match(trusted.lines, /^ok broker: .*MQTT 5 over TLS/m);
    assert.match(trusted.lines, /^ok broker: shared subscriptions \(\$share\) work/m);
    assert.match(trusted.lines, /^ok disk: .* MiB free/m);
    assert.match(trusted.lines, /^ok broker: the certificate of the broker is valid until 20/m);
    const stamp = (days: number) =>
      new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\..*/g, "") + "Z";
    const late = await authority.sign({ from: stamp(-300), until: stamp(5.5) });
    const soon = await examine([
      ...[...address, "--broker-ca", authority.cert, "--tls-cert", late.cert, "--tls-key", late.key],
    ]);
    assert.match(
      soon.lines,
      /^note broker: the client certificate in --tls-cert expires on .*, in 5 days\. renew the client/m,
    );
    const page = await examine([
      ...["--program", "gallery", "--store", folder.path, "--tls-cert", late.cert, "--tls-key", late.key],
    ]);
    assert.doesNotMatch(page.lines, /broker/, "a gallery needs none");
    const listing = await examine(["--program", "gallery", "--store", folder.path, "--broker", broker.url]);
    assert.match(listing.lines, /^ok broker: may subscribe to haarlem\/\+\/\+\/state, /m);
    assert.match(page.lines, /^note page: the certificate in --tls-cert expires on .*, in 5 days/m);
  },
);

Deno.test(
  "a bucket is put to, read, listed and put to conditionally, and keeps nothing",
  needs("versitygw", "mosquitto"),
  async () => {
    await using store = await S3Server.start();
    await using broker = await Mosquitto.start();
    const args = [
      "--broker",
      broker.url,
      "--store",
      `s3://${store.bucket}/door`,
      "--s3-endpoint",
      store.endpoint,
    ];
    const { lines } = await examine(args, { env: store.credentials });
    for (
      const line of [
        /^ok store: s3:\/\/faces\/door\/: list works, there is no object/m,
        /^ok store: put works/m,
        /^ok store: get returns what was put/m,
        /^ok store: a conditional put keeps the object that exists/m,
      ]
    ) assert.match(lines, line);
    assert.deepEqual([...(await store.objects()).keys()], []);
    const secret = "Wrong-secret-of-the-bucket";
    const refused = await examine(args, { env: { ...store.credentials, AWS_SECRET_ACCESS_KEY: secret } });
    assert.match(refused.lines, /^wrong store: .+\. \w+/m);
    assert.ok(!refused.stdout.includes(secret));
  },
);

Deno.test(
  "credentials that may only put are enough for a saver, and what stays is named",
  needs("versitygw", "mosquitto"),
  async () => {
    // As S3 answers when a policy allows nothing but s3:PutObject.
    const denied = () =>
      new Response("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", {
        status: 403,
      });
    await using store = await AlmostS3.start(({ method }) => method === "PUT" ? undefined : denied());
    await using broker = await Mosquitto.start();
    const { credentials, bucket } = store.real;
    const args = ["--broker", broker.url, "--store", `s3://${bucket}`, "--s3-endpoint", store.endpoint];
    const { checks, lines } = await examine(args, { env: credentials });
    assert.deepEqual(checks.filter(({ name, state }) => name === "store" && state === "wrong"), [], lines);
    assert.match(
      lines,
      /^note store: s3:\/\/faces\/: these credentials may not list or read, which a saver need not/m,
    );
    assert.match(lines, /^note store: these credentials may not get/m);
    assert.match(lines, /^ok store: a conditional put keeps the object that exists/m);
    assert.match(lines, /^note store: trial objects stay: "\.haarlem-doctor", "\.haarlem-trial" \(/m);
    const gallery = await examine(["--program", "gallery", ...args], { env: credentials });
    assert.match(
      gallery.lines,
      /^wrong store: .*may not list or read.*allow s3:ListBucket and s3:GetObject/m,
    );
  },
);

Deno.test("a service is checked with the files of its unit", async () => {
  const wrong = await runProgram("doctor", ["--service", "doorbell"]);
  assert.equal(wrong.code, 78);
  assert.match(
    wrong.stderr,
    /--service "doorbell": no such service\nTry: use one of detector-CAMERA, logger/,
  );
});

Deno.test("mistakes in the settings of a program are named as the program names them", async () => {
  using folder = new TempFolder();
  const file = folder.write("haarlem.toml", '[saver]\nbroker = "http://x"\nstore = "faces"\n');
  const { code, stderr } = await runProgram("doctor", ["--config", file]);
  assert.equal(code, 78, stderr);
  assert.match(stderr, /saver\.broker in .* is .*: should be mqtt:\/\//);
});

Deno.test(
  "a Raspberry Pi's power supply is asked for, by a stand-in for vcgencmd",
  needs("mosquitto"),
  async () => {
    // Prints what the Raspberry Pi documentation shows for under-voltage now and since the boot.
    using folder = new TempFolder();
    folder.write("vcgencmd", '#!/bin/sh\n[ "$1" = get_throttled ] && echo throttled=0x50005\n', 0o755);
    await using broker = await Mosquitto.start();
    const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
    const { lines } = await examine(["--program", "logger", "--broker", broker.url], { env });
    assert.match(lines, /^wrong power: now: under-voltage, throttling\. use the power supply/m);
  },
);

Deno.test(
  "for people each line is ok or says what to do, without colour in a pipe",
  async () => {
    using folder = new TempFolder();
    const { code, stdout } = await runProgram("doctor", [
      ...["--source", join(folder.path, "missing.mp4"), "--out", folder.at("faces"), "--engine", "yunet"],
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /^Checking for: detector\nok {5}version /);
    assert.match(
      stdout,
      /^wrong {2}camera {6}--source ".*missing\.mp4": no such file\n {7}Try: give a device/m,
    );
    assert.match(stdout, /^ok {5}search {6}yunet, \S+: faces from .*; found the sample's face in \d+ ms$/m);
    assert.match(stdout, /check(s)? found something wrong\.\n$/);
    assert.ok(!stdout.includes("\x1b"));
  },
);
