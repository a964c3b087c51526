/** `saver --keep-days` on a folder and on a bucket. The system's answer about its clock is a stand-in. */
import assert from "node:assert/strict";
import { DEFAULT_KEY } from "../../lib/face/object_key.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { S3Server } from "../servers/s3_server.ts";

const OLD = [
  "2024-05-06/07-08-09-123_door_0123456789ab.png",
  "2024-05-07/07-08-09-123_door_0123456789ab.png",
];
const OTHERS = [
  `${new Date().toISOString().slice(0, 10)}/00-00-00-000_door_0123456789ab.png`,
  "2024-05-06.txt",
  "2024-05-07/holiday.png",
  "undated/door_00112233aabbccdd_00000042_abababababab.png",
];

/** The environment of a system whose `timedatectl` gives this answer, as systemd 239 and later print it. */
function clockThatIs(synchronised: "yes" | "no", folder: TempFolder): Record<string, string> {
  folder.write("timedatectl", `#!/bin/sh\necho ${synchronised}\n`, 0o755);
  return { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
}

/** Whether systemd-timesyncd answers for this machine itself, before any `timedatectl`. */
const isSynchronised = await Deno.stat("/run/systemd/timesync/synchronized").then(() => true, () => false);

Deno.test("a saver removes old faces of its folder, once the clock is synchronised", {
  ...needs("mosquitto"),
}, async () => {
  using folder = new TempFolder();
  await using broker = await Mosquitto.start();
  const store = folder.at("faces");
  for (const key of [...OLD, ...OTHERS]) {
    await Deno.mkdir(`${store}/${key.slice(0, key.lastIndexOf("/") + 1)}`, { recursive: true }).catch(
      () => {},
    );
    await Deno.writeTextFile(`${store}/${key}`, "a face");
  }
  const args = ["--broker", broker.url, "--store", store, "--keep-days", "30"];
  if (!isSynchronised) {
    await using saver = new RunningProgram("saver", args, { env: clockThatIs("no", folder) });
    await saver.printed(/old faces are not removed: the clock of this machine is not synchronised/);
    assert.equal((await filesIn(store)).length, OLD.length + OTHERS.length);
  }
  await using saver = new RunningProgram("saver", args, { env: clockThatIs("yes", folder) });
  await saver.printed(/removed old faces .*faces=2/);
  assert.deepEqual(await filesIn(store), [...OTHERS].sort());
  assert.ok(!Array.from(Deno.readDirSync(store), ({ name }) => name).includes("2024-05-06"));
});

Deno.test("a saver removes old faces of its bucket below its prefix", {
  ...needs("mosquitto", "versitygw"),
}, async () => {
  using folder = new TempFolder();
  await using broker = await Mosquitto.start();
  await using server = await S3Server.start();
  const { signal } = new AbortController();
  const kept = [...OTHERS.map((key) => `door/${key}`), `elsewhere/${OLD[0]}`, OLD[1]];
  for (const key of [...OLD.map((key) => `door/${key}`), ...kept]) {
    await server.store().put(key, new Uint8Array([1]), { contentType: "image/png", metadata: {} }, {
      signal,
    });
  }
  const args = [
    "--broker",
    broker.url,
    "--store",
    `s3://${server.bucket}/door`,
    "--s3-endpoint",
    server.endpoint,
  ];
  await using saver = new RunningProgram("saver", [...args, "--keep-days", "30"], {
    env: { ...server.credentials, ...clockThatIs("yes", folder) },
  });
  await saver.printed(/removed old faces .*faces=2/);
  // The trial object of the saver may be there for a moment.
  const left = await until(async () => {
    const keys = [...(await server.objects()).keys()];
    return keys.length === kept.length && keys;
  }, "the others are there");
  assert.deepEqual(left.sort(), kept.sort());
});

Deno.test("--keep-days without a date in --key is a mistake", async () => {
  const template = DEFAULT_KEY.replace("{DD}", "00");
  const args = ["--store", "unused", "--keep-days", "30", "--key", template];
  const { code, stderr } = await runProgram("saver", args);
  assert.equal(code, 78);
  assert.match(stderr, /--keep-days needs the date in --key, which has no \{DD\}\nTry: add /);
});

async function filesIn(folder: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (isDirectory) found.push(...await filesIn(folder, `${below}${name}/`));
    else if (!name.startsWith(".haarlem")) found.push(below + name);
  }
  return found.sort();
}
