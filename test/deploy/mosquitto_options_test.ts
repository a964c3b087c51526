/** The options in our Mosquitto files, and the files without those that an older Mosquitto does not have. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { needs } from "../needs.ts";
import { findParts, findProgram } from "../parts.ts";
import { freePort } from "../servers/free_port.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";
import { output } from "../../lib/testing/command.ts";
import { projectFile } from "../../lib/testing/files.ts";

const FOLDER = new URL("../../deploy/mosquitto/", import.meta.url).pathname;
const SHIPPED = [
  "deploy/mosquitto/edge.conf",
  "deploy/mosquitto/bridge.conf",
  "deploy/mosquitto/cloud.conf",
  "deploy/k3s/edge/mosquitto.conf",
  "deploy/k3s/cloud/mosquitto.conf",
  "deploy/k3s/homework/mosquitto.conf",
];
const VERSIONS = ["1.4.15", "1.5.7", "1.6.9", "2.0.11", "2.0.22", "2.1.2"];
/** Shells that can run the script. */
const SHELLS = [["dash"], ["bash"], ["busybox", "sh"]].filter(([name]) => findProgram(name));

type Table = ReadonlyMap<string, { since: number; until: number }>;

Deno.test("every option of a shipped Mosquitto file is in the table of options, and no other", async () => {
  const used = new Set<string>();
  for (const file of SHIPPED) for (const name of optionsOf(await projectFile(file))) used.add(name);
  const table = await readTable();
  assert.deepEqual([...used].filter((name) => !table.has(name)), []);
  const names = [...table.keys()].map((name) => name.split(":")[0]);
  assert.deepEqual(names.filter((name) => !used.has(name)), []);
});

for (const version of VERSIONS) {
  Deno.test(
    `each file fitted to Mosquitto ${version} has only options of that version`,
    needs("busybox"),
    async () => {
      const table = await readTable();
      for (const shell of SHELLS) {
        for (const file of SHIPPED) {
          const { code, stdout, stderr } = await fit(file, version, { shell });
          assert.equal(code, 0, stderr);
          assert.deepEqual(unknownTo(version, stdout, table), [], `${shell} ${file}`);
          // All other options remain, in their order.
          const all = lines(await projectFile(file));
          const gone = unknownTo(version, all.join("\n"), table);
          assert.equal(lines(stdout).length, all.length - gone.filter((name) => !name.includes(":")).length);
        }
      }
    },
  );
}

Deno.test("the oldest Mosquitto gets neither set_tcp_nodelay nor the second value of restart_timeout", async () => {
  const edge = (await fit("deploy/mosquitto/edge.conf", "1.4.15")).stdout;
  assert.match(edge, /^# set_tcp_nodelay is omitted: Mosquitto has it since 1\.5, this is 1\.4\.15\.$/m);
  assert.doesNotMatch(edge, /^set_tcp_nodelay/m);
  assert.doesNotMatch(edge, /fuller packet/);
  const bridge = (await fit("deploy/mosquitto/bridge.conf", "1.5.7")).stdout;
  assert.match(bridge, /^restart_timeout 1$/m);
});

Deno.test("the newest Mosquitto gets the files unchanged", async () => {
  for (const file of SHIPPED) {
    assert.equal((await fit(file, "2.1.2")).stdout, await projectFile(file), file);
  }
});

Deno.test("a comment is removed with its option, and kept when another option follows it", async () => {
  const file = await Deno.makeTempFile();
  const about = "set_tcp_nodelay true";
  await Deno.writeTextFile(file, `# both\n${about}\nlistener 1\n\n# one\n${about}\n\n# other\nlistener 2\n`);
  const { stdout } = await fit(file, "1.4.15");
  const note = "# set_tcp_nodelay is omitted: Mosquitto has it since 1.5, this is 1.4.15.";
  assert.equal(stdout, `# both\n${note}\nlistener 1\n\n${note}\n\n# other\nlistener 2\n`);
  await Deno.remove(file);
});

Deno.test("an option that protects the faces is never left out: that is an error", async () => {
  const { code, stderr } = await fit("deploy/mosquitto/cloud.conf", "3.0.0");
  assert.notEqual(code, 0);
  assert.match(stderr, /Mosquitto 3\.0\.0 does not support the option "password_file"\nTry: /);
});

Deno.test("an option outside the table, and an invalid version, are errors", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "listener 1\nmax_packet_size 5\n");
  assert.match((await fit(file, "2.0.11")).stderr, /the option "max_packet_size" is not in the table/);
  for (const version of ["", "2.x", "mosquitto"]) {
    const { code, stderr } = await fit(file, version);
    assert.notEqual(code, 0);
    assert.match(stderr, /" is not a version of Mosquitto/);
  }
  await Deno.remove(file);
});

Deno.test("the version is read from every form of mosquitto -h", async () => {
  const folder = await Deno.makeTempDir();
  const said = [
    ["mosquitto version 1.4.15 (build date Tue, 18 Jun 2019 11:42:22 -0300)\n\nUsage: …", "1.4.15"],
    ["mosquitto version 2.0.11\n\nmosquitto is an MQTT v5.0/v3.1.1/v3.1 broker.", "2.0.11"],
    ["mosquitto version 1.6.9\n", "1.6.9"],
    ["no such thing", ""],
  ];
  for (const [text, version] of said) {
    await Deno.writeTextFile(`${folder}/mosquitto`, `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit 3\n`);
    await Deno.chmod(`${folder}/mosquitto`, 0o755);
    for (const shell of SHELLS) {
      const { code, stdout } = await source(shell, "mosquitto_version", [], {
        PATH: `${folder}:/usr/bin:/bin`,
      });
      assert.deepEqual([code === 0, stdout.trim()], [version !== "", version]);
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("this machine's Mosquitto starts with each fitted file", needs("mosquitto"), async () => {
  const version = (await source(SHELLS[0], "mosquitto_version", [])).stdout.trim();
  for (const file of SHIPPED) {
    await using mosquitto = await started(findParts().mosquitto!, (await fit(file, version)).stdout);
    await mosquitto.printed(/version \S+ running/);
    assert.doesNotMatch(mosquitto.stdout + mosquitto.stderr, /Warning|Error|deprecated/, file);
  }
});

Deno.test("a Mosquitto that refuses options newer than 1.4.15 starts with each fitted file", async () => {
  const folder = await Deno.makeTempDir();
  const table = await readTable();
  const known = [...table].filter(([, { since }]) => since <= number("1.4.15")).map(([name]) => name);
  // Like src/conf.c of 1.4.
  const script = `#!/bin/sh
[ "$1" = -c ] || { echo "mosquitto version 1.4.15 (build date …)"; exit 3; }
while read -r option rest; do
  case $option in '' | '#'*) continue ;; esac
  case " ${known.join(" ")} " in
    *" $option "*) ;;
    *) echo "Error: Unknown configuration variable \\"$option\\"." >&2; exit 3 ;;
  esac
done <"$2"
echo "mosquitto version 1.4.15 running"
`;
  await Deno.writeTextFile(`${folder}/mosquitto`, script, { mode: 0o755 });
  for (const file of SHIPPED) {
    const whole = await projectFile(file);
    const refuses = await run14(folder, whole);
    assert.equal(refuses.code === 0, !whole.includes("\nset_tcp_nodelay"), file);
    const { code, stderr } = await run14(folder, (await fit(file, "1.4.15")).stdout);
    assert.equal(code, 0, `${file}: ${stderr}`);
  }
  await Deno.remove(folder, { recursive: true });
});

async function run14(folder: string, text: string) {
  await Deno.writeTextFile(`${folder}/mosquitto.conf`, text);
  return await runProgram("mosquitto", ["-c", `${folder}/mosquitto.conf`], {
    command: [`${folder}/mosquitto`],
  });
}

/** A Mosquitto with a file, as this user, on free ports and with certificates and passwords where the file has them. */
async function started(program: string, text: string): Promise<RunningProgram> {
  const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
  const files = ["--files", join(folder, "broker"), "--name", "localhost", "--board", "board1"];
  const made = await runProgram("setup", files, { command: [join(FOLDER, "setup")] });
  assert.equal(made.code, 0, made.stderr);
  if (Deno.uid() === 0) {
    // Mosquitto finds that user by its name.
    await Deno.chmod(folder, 0o755);
    for (const name of ["passwd", "acl", "server.key"]) {
      const [uid, gid] = ["-u", "-g"].map((flag) =>
        Number(
          new TextDecoder().decode(new Deno.Command("id", { args: [flag, "mosquitto"] }).outputSync().stdout),
        )
      );
      await Deno.chown(join(folder, "broker", name), uid, gid);
    }
  }
  const bridge = text.includes("\nconnection ")
    ? `listener ${freePort()} 127.0.0.1\nallow_anonymous true\n`
    : "";
  const conf = bridge + text.replaceAll(/^listener \d+(.*)/gm, (_, rest) => `listener ${freePort()}${rest}`)
    .replace(/^address .*/m, `address 127.0.0.1:${freePort()}`)
    .replaceAll(
      /\/etc\/mosquitto\/haarlem|\/mosquitto\/(secrets|config)|\/etc\/mosquitto(?=\/ca\.pem)/g,
      join(folder, "broker"),
    );
  await Deno.writeTextFile(join(folder, "mosquitto.conf"), conf, { mode: 0o644 });
  const mosquitto = new RunningProgram("mosquitto", ["-c", join(folder, "mosquitto.conf")], {
    command: [program],
  });
  const end = mosquitto[Symbol.asyncDispose].bind(mosquitto);
  mosquitto[Symbol.asyncDispose] = async () => {
    await end();
    await Deno.remove(folder, { recursive: true });
  };
  return mosquitto;
}

function fit(file: string, version: string, { shell = SHELLS[0] }: { shell?: readonly string[] } = {}) {
  const path = file.startsWith("/") ? file : new URL(`../../${file}`, import.meta.url).pathname;
  return source(shell, 'fit_to_mosquitto "$@"', [path, version]);
}

/** Sources the functions as a script in another folder does, and calls one of them. */
async function source(
  shell: readonly string[],
  call: string,
  args: string[],
  env: Record<string, string> = {},
) {
  const script = `here=${FOLDER}; . ${FOLDER}/fit.sh; ${call}`;
  const [program, ...first] = shell;
  return await output(program, [...first, "-c", script, "sh", ...args], { env });
}

async function readTable(): Promise<Table> {
  const rows = lines(await Deno.readTextFile(join(FOLDER, "options"))).map((line) => line.split(" "));
  for (const row of rows) assert.match(row.join(" "), /^[a-z_]+(:\d)? \d+\.\d+(\.\d+)?( \d+\.\d+(\.\d+)?)?$/);
  return new Map(rows.map(([name, since, until]) => [
    name,
    { since: number(since), until: until ? number(until) : Infinity },
  ]));
}

/** The options, and the positions of their further values, that a version does not have. */
function unknownTo(version: string, text: string, table: Table): string[] {
  return lines(text).flatMap((line) => {
    const [name, ...values] = line.split(" ");
    const places = values.slice(1).map((_, index) => `${name}:${index + 2}`).filter((place) =>
      table.has(place)
    );
    return [name, ...places].filter((it) => {
      const known = table.get(it);
      return !known || number(version) < known.since || number(version) >= known.until;
    });
  });
}

function optionsOf(text: string): string[] {
  return lines(text).map((line) => line.split(" ")[0]);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line && !line.startsWith("#"));
}

function number(version: string): number {
  const [major, minor, patch = 0] = version.split(".").map(Number);
  return major * 1_000_000 + minor * 1_000 + patch;
}
