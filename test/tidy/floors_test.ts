/** Every option of systemd, Mosquitto and ffmpeg that we use exists in the versions that it is used with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { dialectOf } from "../../lib/camera/ffmpeg_version.ts";
import { run } from "../../lib/testing/command.ts";
import { filesIn, ROOT } from "../../lib/testing/files.ts";
import { FFMPEG_OPTIONS, FLOORS, hasOption, isFrom, SYSTEMD_OPTIONS } from "./floors.ts";

const read = (path: string) => Deno.readTextFileSync(join(ROOT, path));

/** Lines of the form NAME SINCE. */
function versionsIn(path: string): Map<string, string> {
  const lines = read(path).split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(lines.map((line) => line.split(" ") as [string, string]));
}

async function textsOf(folder: string, pattern: RegExp): Promise<[string, string][]> {
  const paths = await Array.fromAsync(filesIn(join(ROOT, folder)));
  return paths.filter((path) => pattern.test(path)).map((
    path,
  ) => [path.slice(ROOT.length + 1), Deno.readTextFileSync(path)]);
}

Deno.test("every directive of a unit is in the installer's table", async () => {
  const known = versionsIn("deploy/systemd/directives.txt");
  const units = await textsOf("deploy/systemd", /\.(service|conf)$/);
  const made: [string, string] = [
    "stage.sh",
    read("deploy/install.d/stage.sh").replace(/^.*?folder_unit\(\)/s, ""),
  ];
  for (const [path, text] of [...units, made]) {
    for (const [, name] of text.matchAll(/^(?:.*echo ")?([A-Z][A-Za-z]+)=/gm)) {
      assert.ok(known.has(name), `${path}: ${name}`);
    }
  }
  assert.ok(units.length >= 6);
});

Deno.test("the units fitted to each systemd have only its directives", async () => {
  const known = versionsIn("deploy/systemd/directives.txt");
  const newest = Math.max(...Array.from(known.values(), Number));
  for (const version of [FLOORS.systemd, "245", "247", "249", "257"]) {
    const units = await fittedUnits(version);
    const names = Array.from(units.matchAll(/^([A-Z][A-Za-z]+)=/gm), ([, name]) => name);
    for (const name of names) assert.ok(isFrom(version, known.get(name)!), `systemd ${version}: ${name}`);
    assert.equal(
      units.includes("ProtectProc="),
      Number(version) >= newest,
      `systemd ${version}: ProtectProc`,
    );
    // The essential directives exist in every version.
    for (const line of ["Type=notify", "DynamicUser=yes", "SystemCallFilter=~@", "ProtectSystem=strict"]) {
      assert.ok(units.includes(line), `systemd ${version}: ${line}`);
    }
  }
});

/** The units as the installer leaves them on a board with this systemd. */
async function fittedUnits(version: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "units-" });
  try {
    const script = `set -e; mkdir -p "$1/root/etc/systemd/system" "$1/install.d"
      cp -r "$2"/deploy/systemd/* "$1/root/etc/systemd/system/"
      cp "$2/deploy/systemd/directives.txt" "$1/install.d/"
      folder=$1 here=$1/install.d
      . "$2/deploy/install.d/board_versions.sh"
      fit_units "$3"
      cat "$1"/root/etc/systemd/system/*.service "$1"/root/etc/systemd/system/*.d/*.conf`;
    return await run("sh", ["-c", script, "sh", folder, ROOT, version]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the common drop-in is beside each unit: before systemd 239 there is none for a prefix of names", () => {
  const stage = read("deploy/install.d/stage.sh");
  assert.equal(stage.match(/add_common "\$root"/g)?.length, 2);
  for (const path of ["deploy/install.d/stage.sh", "deploy/deb/build"]) {
    assert.doesNotMatch(read(path), /system\/haarlem-\.service\.d/, path);
  }
});

Deno.test("no directive of the units has a value newer than systemd 237", async () => {
  // Groups of system calls, by the manual of 237; @system-service came with 239.
  const groups =
    "aio basic-io chown clock cpu-emulation debug default file-system io-event ipc keyring memlock module " +
    "mount network-io obsolete privileged process raw-io reboot resources setuid signal swap sync timer";
  for (const [path, text] of await textsOf("deploy/systemd", /\.(service|conf)$/)) {
    for (const [, group] of text.matchAll(/^[^#\n]*@([a-z-]+)\b/gm)) {
      assert.ok(groups.split(" ").includes(group), `${path}: @${group}`);
    }
    assert.doesNotMatch(text, /^UMask=/m, "before 249 it closes the folders above a nested StateDirectory=");
    assert.doesNotMatch(text, /^(LoadCredential|SetCredential)/m);
    // The unit sets the default of systemd 240 and later itself.
    for (const [kind, folder] of [["State", "/var/lib"], ["Runtime", "/run"]]) {
      const name = new RegExp(`^${kind}Directory=(.*)$`, "m").exec(text)?.[1];
      if (name) {
        assert.ok(
          text.includes(`Environment=${kind.toUpperCase()}_DIRECTORY=${folder}/${name}\n`),
          `${path}: ${kind}`,
        );
      }
    }
  }
});

Deno.test("systemctl, journalctl and timedatectl get only options of systemd 237, or have a substitute", async () => {
  const scripts = await textsOf("deploy", /\/(install|board|postinst|prerm|postrm|setup|box|\w+\.sh)$/);
  assert.ok(scripts.length >= 8);
  for (const [path, text] of scripts) {
    for (const [, program, words] of text.matchAll(/\b(systemctl|journalctl) ([^\n|;&)]*)/g)) {
      for (const [option] of words.matchAll(/(?<=^|\s)--?[a-zA-Z][a-z-]*/g)) {
        const known = SYSTEMD_OPTIONS[`${program} ${option}`];
        assert.ok(known, `${path}: "${program} ${option}" is not in the table of versions`);
        assert.ok(hasOption(FLOORS.systemd, known), `${path}: ${program} ${option} came with ${known.since}`);
      }
    }
  }
  // Two newer programs each have a substitute beside them.
  const sources = read("lib/clock/system_sources.ts");
  assert.match(sources, /"systemd-id128", "boot-id"\) \?\?\s+await commandOutput\("sysctl"/);
  assert.match(sources, /"timedatectl", "show",.*\n.*"timedatectl", "status"/);
});

Deno.test("each ffmpeg gets only options that it has", async () => {
  for (
    const version of [
      FLOORS.ffmpeg,
      "4.0",
      "4.1",
      "4.2",
      "4.3",
      "4.4",
      "5.0",
      "5.1",
      "6.1",
      "7.1",
      "8.0",
      "9.0",
      "10.0",
    ]
  ) {
    const { saysLevels, passthrough } = dialectOf(`ffmpeg version ${version} Copyright`);
    for (const option of [saysLevels ? "-v level+info" : "-v info", passthrough[0]]) {
      assert.ok(hasOption(version, FFMPEG_OPTIONS[option]), `ffmpeg ${version}: ${option}`);
    }
  }
  // All other options exist in every version since the oldest supported one.
  const chosen = ["-v", "-vsync", "-fps_mode"];
  const files = (await textsOf("lib/camera", /(?<!_test)\.ts$/))
    .filter(([path]) => !/\/(csi_programs|device_holders)\.ts$/.test(path)); // They run other programs.
  const options = files.flatMap(([, text]) =>
    Array.from(text.matchAll(/"(-[a-z][a-z_:]*)"/g), ([, option]) => option)
  );
  assert.ok(options.length > 40);
  for (const option of options.filter((option) => !chosen.includes(option))) {
    const known = FFMPEG_OPTIONS[option];
    assert.ok(known, `"${option}" is not in the table of versions`);
    assert.ok(hasOption(FLOORS.ffmpeg, known) && !known.until, `ffmpeg ${FLOORS.ffmpeg}: ${option}`);
  }
});
