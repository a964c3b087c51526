/** No program shows a password: in no output, status or file, for any address and any characters in it. */
import assert from "node:assert/strict";
import { needs } from "../needs.ts";
import { filesIn } from "../../lib/testing/files.ts";
import { FakeSystemd } from "../servers/fake_systemd.ts";
import { freePort } from "../servers/free_port.ts";
import { NetworkCamera } from "../servers/network_camera.ts";
import { RunningProgram } from "../servers/run_program.ts";

/** The two halves of each secret: neither may be seen anywhere, in either case, encoded or not. */
const [HEAD, TAIL] = ["zq1geh", "eim9vx"];
const TRACES = [HEAD, TAIL, btoa(HEAD).slice(0, 7), btoa(TAIL).slice(0, 7), btoa(`u:${HEAD}`).slice(0, 9)];
/** Characters of passwords, encoded or not. */
const BETWEEN = ["", "@", "/", "?", "#", ":", "[", "]", "%", " ", "\\", "&", "=", "%40", "%2F", "%25", "ü"];
/** The first half is a number, so that what follows a colon looks like a port. */
const NUMERIC = ["/", "?", "#", "\\"].map((between) => `12${between}${TAIL}`);
const SECRETS = [...BETWEEN.map((between) => `${HEAD}${between}${TAIL}`), ...NUMERIC];

interface Case {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
}

/** Runs a program until it reports a problem or ends, and looks for the secret in all of its output. */
async function showsNothing({ program, args = [], env = {} }: Case): Promise<string> {
  const folder = await Deno.makeTempDir();
  await using systemd = new FakeSystemd();
  const health = freePort();
  try {
    await using running = new RunningProgram(program, ["--log-level", "debug", ...args], {
      env: {
        ...systemd.env,
        HAARLEM_HEALTH: `127.0.0.1:${health}`,
        HAARLEM_STATE: folder,
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_ACCESS_KEY_ID: "k",
        AWS_SECRET_ACCESS_KEY: `${HEAD}${TAIL}`,
        ...env,
      },
    });
    await running.printed(/retrying|does not answer yet|gallery at/).catch(() => {});
    const answers = await Promise.all(["healthz", "readyz"].map(async (path) => {
      const answer = await fetch(`http://127.0.0.1:${health}/${path}`).catch(() => undefined);
      return await answer?.text() ?? "";
    }));
    running.signal("SIGTERM");
    const { stdout, stderr, code } = await running.ended();
    const files = await Promise.all(
      (await Array.fromAsync(filesIn(folder))).map((file) => Deno.readTextFile(file)),
    );
    const said = [stdout, stderr, ...systemd.lines, ...answers, ...files, `code ${code}`].join("\n");
    for (const trace of TRACES) {
      assert.ok(!said.toLowerCase().includes(trace.toLowerCase()), `${JSON.stringify(env)} ${args}\n${said}`);
    }
    return said;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a few at a time: a program uses a core while it starts. */
async function eachShowsNothing(cases: readonly Case[]): Promise<string[]> {
  const said: string[] = [];
  const waiting = [...cases];
  const work = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) said.push(await showsNothing(one));
  };
  await Promise.all([work(), work(), work()]);
  return said;
}

for (const [program, setting] of [["logger", "BROKER"], ["saver", "BROKER"], ["forwarder", "CLOUD"]]) {
  Deno.test(`${program}: no form of the broker's password is shown, and a malformed address ends it`, async () => {
    const store = program === "saver" ? ["--store", await Deno.makeTempDir()] : [];
    const said = await eachShowsNothing(SECRETS.map((secret) => ({
      program,
      args: store,
      env: { [`HAARLEM_${setting}`]: `mqtt://user:${secret}@127.0.0.1:9` },
    })));
    const ended = said.filter((text) => /code 78/.test(text));
    assert.ok(
      ended.length >= 8 && ended.every((text) => /%40 for @|should be %25/.test(text)),
      `${ended.length} ended`,
    );
    assert.ok(said.filter((text) => /code 0/.test(text)).length >= 8);
  });
}

Deno.test("detector: no form of a password in a camera's address is shown", needs("ffmpeg"), async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => new Response("no video", { status: request.url.includes("video") ? 200 : 404 }),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  const [whole, encoded] = [`${HEAD}${TAIL}`, `${HEAD}%40${TAIL}`];
  const sources = [
    ...SECRETS.map((secret) => `rtsp://user:${secret}@127.0.0.1:9/live`),
    `rtsp://127.0.0.1:9/user=admin_password=${whole}&channel=1`,
    `http://${host}/user=admin_password=${whole}&channel=1`,
    `http://${host}/video?user=a&pwd=${whole}`,
    `http://${host}/video?token=${encoded}`,
    `http://${host}/${encoded}/video`,
    `http://${host}/video#${whole}`,
    `http://user:${encoded}@${host}/gone`,
    `rtsp:/user:${whole}@${host}/live`,
    `rtsp//user:${whole}@${host}/live`,
    `user:${whole}@${host}/live`,
    `${host}/user=admin_password=${whole}`,
    `127.0.0.1:notaport?pwd=${whole}`,
  ];
  const out = await Deno.makeTempDir();
  await eachShowsNothing(sources.flatMap((source) => [
    { program: "detector", args: ["--out", out, "--once"], env: { HAARLEM_SOURCE: source } },
  ]));
});

Deno.test(
  "detector: a lost camera is named without the password in its query",
  needs("ffmpeg"),
  async () => {
    await using camera = new NetworkCamera();
    await using detector = new RunningProgram("detector", ["--out", await Deno.makeTempDir()], {
      env: { HAARLEM_SOURCE: `${camera.url}?pwd=${HEAD}${TAIL}`, HAARLEM_LOG_LEVEL: "debug" },
    });
    await detector.printed(/first frame/);
    camera.unplug();
    await detector.printed(/camera is lost/);
    detector.signal("SIGTERM");
    const { stderr, stdout } = await detector.ended();
    assert.doesNotMatch(stderr + stdout, new RegExp(`${HEAD}|${TAIL}`));
    assert.match(stderr, /source=http:\/\/127.0.0.1:\d+\/…/);
  },
);

Deno.test("saver and gallery: no form of a password in the address of a store or its server is shown", async () => {
  const store = (endpoint: string) => ({
    HAARLEM_STORE: "s3://faces/x",
    HAARLEM_S3_ENDPOINT: endpoint,
    HAARLEM_S3_TIMEOUT: "2",
  });
  const environments = [
    ...SECRETS.map((secret) => store(`http://key:${secret}@127.0.0.1:9`)),
    store(`http://127.0.0.1:9/${HEAD}${TAIL}`),
    store(`http://127.0.0.1:9/?token=${HEAD}${TAIL}`),
    store(`https://127.0.0.1:9/#${HEAD}${TAIL}`),
    { HAARLEM_STORE: `s3://key:${HEAD}${TAIL}@faces/x` },
    { HAARLEM_STORE: `s3:key:${HEAD}${TAIL}@faces` },
    { HAARLEM_STORE: `https://key:${HEAD}${TAIL}@s3/faces` },
    { HAARLEM_STORE: `//user:${HEAD}${TAIL}@nas/faces` },
    { HAARLEM_STORE: `key:${HEAD}${TAIL}@faces/x` },
  ];
  await eachShowsNothing([
    ...environments.map((env) => ({ program: "gallery", args: ["--listen", "127.0.0.1:0"], env })),
    ...environments.slice(-10).map((env) => ({
      program: "saver",
      args: ["--broker", "mqtt://127.0.0.1:9"],
      env,
    })),
  ]);
});

Deno.test("no program shows a secret in a wrong flag, variable or settings file", async () => {
  const whole = `${HEAD}${TAIL}`;
  const folder = await Deno.makeTempDir();
  const file = (text: string) => {
    const path = `${folder}/${crypto.randomUUID()}.toml`;
    Deno.writeTextFileSync(path, text);
    return ["--config", path];
  };
  const args = [
    [`--broker-password=${whole}`],
    ["--broker-password", whole],
    [`-p${whole}`],
    [`--broker=mqtt://u:${whole}@host`],
    ["--broker", `mqtt://u:${whole}@host`],
    ["--broker", `mqtt://u:${HEAD}`, `${TAIL}@host`],
    [`mqtt://u:${whole}@host`],
    [whole],
    [`--broker:mqtt://u:${whole}@host`],
    ["--token", whole],
    ["--config", `mqtt://u:${whole}@host`],
    ["--tls-cert", `x?key=${whole}`, "--tls-key", `x?key=${whole}`],
    ["--health", `http://u:${whole}@host`],
    ["--topic", `#mqtt://u:${whole}@host`],
    ["--probe", `http://u:${whole}@127.0.0.1:9/healthz`],
    ["--probe", `http://127.0.0.1:9/healthz?token=${whole}`],
    ["--probe", `http:/u:${whole}@127.0.0.1:9`],
    file(`broker = "mqtt://u:${whole}@host\n`),
    file(`broker = mqtt://u:${whole}@host\n`),
    file(`broker = "http://u:${whole}@host"\n`),
    file(`"mqtt://u:${whole}@host" = 1\n`),
    file(`broker = ["${whole}"]\n`),
    file(`password = "${whole}"\n`),
  ];
  const env: Record<string, string>[] = [
    { HAARLEM_BROKER: whole },
    { HAARLEM_BROKER: `u:${whole}@host` },
    { HAARLEM_BROKER_PASSWORD: whole },
    { HAARLEM_LOGGER_PASSWORD: whole },
    { HAARLEM_TOKEN: HEAD },
    { HAARLEM_TOPIC: `mqtt://u:${whole}@host/#` },
    { HAARLEM_QOS: `mqtt://u:${whole}@host` },
    { HAARLEM_HEALTH: `u:${whole}@host` },
  ];
  await eachShowsNothing([
    ...args.map((args) => ({ program: "logger", args })),
    ...env.map((env) => ({ program: "logger", env })),
    { program: "detector", env: { HAARLEM_OUT: `s3://key:${whole}@bucket`, HAARLEM_SOURCE: "sample" } },
    { program: "saver", args: ["--store", folder], env: { HAARLEM_KEY: `//mqtt://u:${whole}@x/{` } },
    { program: "demo", env: { HAARLEM_STORE: `s3://key:${whole}@bucket` } },
  ]);
  await Deno.remove(folder, { recursive: true });
});
