/** Mistakes in settings and input files end in one clear message, before any work. */
import assert from "node:assert/strict";
import { identity } from "../../lib/face/face_file.ts";
import { cascadeFile, compiledName } from "../../lib/haar/shipped_cascade.ts";
import { encodePng } from "../../lib/image/png.ts";
import { needs } from "../needs.ts";
import { CutLink } from "../servers/cut_link.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";
import { ends, InputFolder } from "./input_folder.ts";

Deno.test("a mistake in the detector's settings is reported at once, although faces wait and the broker is away", async () => {
  using folder = new InputFolder();
  const waiting = "000000000001-" + identity(new TextEncoder().encode("x"));
  Deno.mkdirSync(`${folder.path}/outbox`);
  folder.write(`outbox/${waiting}`, "x");
  const nobody = ["--broker", "mqtt://127.0.0.1:1"];
  for (const [name, value] of [["--source", "gone.mp4"], ["--source=sample --cascade", "gone.xml"]]) {
    for (const way of [["--receipts", "off"], ["--state", folder.path]]) {
      const beganMs = performance.now();
      await ends("detector", [...name.split(" "), value, ...way, ...nobody], { code: 78, says: /Try: / });
      assert.ok(performance.now() - beganMs < 15_000, `${name} ${way}`);
    }
  }
});

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

Deno.test("a file that is no picture, clip or cascade is named", needs("ffmpeg"), async () => {
  using folder = new InputFolder();
  const out = ["--once", "--out", `${folder.path}/out`];
  const text = folder.write("words.png", "not a picture at all");
  await ends("detector", ["--source", text, ...out], {
    code: 1,
    says: /words.png" is neither a video nor a picture/,
  });
  const png = encodePng({ width: 8, height: 8, rgb: new Uint8Array(192) });
  const short = folder.write("short.png", png.subarray(0, 60));
  await ends("detector", ["--source", short, ...out], {
    code: 1,
    says: /short.png" is no picture: truncated PNG/,
  });
  for (const name of ["words.mp4", "words of 401 403 Forbidden.mp4"]) {
    const clip = folder.write(name, "not a clip at all");
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

Deno.test(
  "a forwarder refuses to forward a broker to itself, also under another name",
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

Deno.test("with --log-format json the last message is JSON", async () => {
  const args = ["--source", "/dev/video99", "--out", Deno.makeTempDirSync(), "--log-format", "json"];
  const { code, stderr } = await runProgram("detector", args);
  assert.equal(code, 1);
  const { level, program, message, hint } = JSON.parse(stderr);
  assert.deepEqual([level, program, message], ["error", "detector", 'no camera at "/dev/video99"']);
  assert.match(hint, /by-id/);
});
