/** The service `command`: a program of the user gets each notification on standard input. */
import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { unlessGone } from "../testing/files.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { until } from "../testing/until.ts";
import { checkCommand, COMMAND, openCommand } from "./command.ts";
import { type Notification, ServiceError } from "./notification.ts";

const VISIT: Notification = {
  event: "visit",
  key: "k1",
  title: "Visit: front",
  text: "14:03:11",
  picture: { bytes: new Uint8Array([1, 2, 10, 3]), contentType: "image/png", width: 1, height: 1 },
  face: {
    id: "a".repeat(64),
    camera: "front",
    captured: "2026-11-24T00:49:58.226Z",
    isTimeTrusted: true,
    visit: 7,
  },
};
const signal = new AbortController().signal;

/** The environment that wiring takes from that of the notifier. */
const env = () => ({ PATH: Deno.env.get("PATH")! });

/** A folder that PATH begins with, and a program in it. */
class OnPath extends TempFolder {
  readonly #path = Deno.env.get("PATH")!;

  constructor(script?: string) {
    super();
    Deno.env.set("PATH", `${this.path}:${this.#path}`);
    if (script !== undefined) this.write(COMMAND, `#!/bin/sh\ncd "${this.path}"\n${script}\n`, 0o755);
  }

  override [Symbol.dispose](): void {
    Deno.env.set("PATH", this.#path);
    super[Symbol.dispose]();
  }
}

const reasonOf = async (sending: Promise<unknown>) => {
  const error = await sending.catch((error) => error);
  assert.ok(error instanceof ServiceError, String(error));
  return error.message;
};

Deno.test("a command gets a line of JSON, then the picture, and no setting", async () => {
  using folder = new OnPath('read -r line; printf "%s" "$line" >line; cat >picture; env >environment');
  Deno.env.set("HAARLEM_TELEGRAM_TOKEN", "zq1geheim9vx");
  try {
    checkCommand(env().PATH);
    assert.equal(await openCommand(env()).send(VISIT, { signal }), "k1");
  } finally {
    Deno.env.delete("HAARLEM_TELEGRAM_TOKEN");
  }
  const { event, camera, visit, picture } = JSON.parse(await Deno.readTextFile(folder.at("line")));
  assert.deepEqual({ event, camera, visit }, { event: "visit", camera: "front", visit: 7 });
  assert.deepEqual(picture, { type: "image/png", bytes: 4 });
  assert.deepEqual(await Deno.readFile(folder.at("picture")), VISIT.picture!.bytes);
  assert.doesNotMatch(await Deno.readTextFile(folder.at("environment")), /geheim|HAARLEM/);
});

Deno.test("a command may ignore its standard input; another exit code than 0 is an error to retry, with its words", async () => {
  {
    using _ = new OnPath("exit 0");
    const picture = { ...VISIT.picture!, bytes: new Uint8Array(2 ** 20) };
    assert.equal(await openCommand(env()).send({ ...VISIT, picture }, { signal }), "k1");
  }
  using _ = new OnPath('echo first >&2; printf "no \\033[31mnetwork" >&2; exit 3');
  assert.equal(
    await reasonOf(openCommand(env()).send(VISIT, { signal })),
    "exit code 3: no \\x1b[31mnetwork",
  );
});

Deno.test("a command that hangs is killed, also when a child holds its standard error", async () => {
  using folder = new OnPath("sleep 600 & echo $! >child; exec sleep 600");
  const child = () => unlessGone(Deno.readTextFile(folder.at("child")));
  const limitsMs: number[] = [];
  const limit = (limitMs: number, onEnd: () => void) => {
    limitsMs.push(limitMs);
    void until(async () => (await child())?.endsWith("\n"), "the command has a child").then(onEnd);
    return () => {};
  };
  const reason = await reasonOf(openCommand(env(), { timeoutMs: 500, limit }).send(VISIT, { signal }));
  assert.match(reason, /took longer than 0.5 s/);
  assert.deepEqual(limitsMs, [500]);
  Deno.kill(Number(await child()), "SIGKILL");
});

Deno.test("a command that ends just before it is killed fails nothing else", async () => {
  using _ = new OnPath("exit 0");
  for (let time = 0; time < 20; time++) {
    const limit = (_: number, onEnd: () => void) => {
      const timer = setInterval(onEnd, 1);
      return () => clearInterval(timer);
    };
    await openCommand(env(), { limit }).send(VISIT, { signal }).catch(() => {});
  }
});

Deno.test("a missing command is a mistake in the settings at the start, and an error to retry later", async () => {
  using _ = new OnPath();
  assert.throws(
    () => checkCommand(env().PATH),
    (error) => error instanceof ConfigError && /haarlem-notify/.test(error.hint!),
  );
  assert.match(await reasonOf(openCommand(env()).send(VISIT, { signal })), /not installed/);
});
