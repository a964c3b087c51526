/** The units of deploy/systemd are valid and confine their programs. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { SERVICES } from "../../lib/program/programs.ts";

const FOLDER = new URL("../../deploy/systemd/", import.meta.url).pathname;
const COMMON = "haarlem-.service.d/common.conf";
/** The drop-in of a detector with a CSI camera. */
const CSI = "csi.conf";
const CSI_DROP_IN = "haarlem-detector@front.service.d/csi.conf";
const UNITS = SERVICES.map(({ name }) => `haarlem-${name}${name === "detector" ? "@" : ""}.service`);
/** Instances of the units. */
const STARTED = UNITS.map((unit) => unit.replace("@", "@front"));
/**
 * The exposure by systemd's measure: 10 is everything. Ours are at 1.4 and 1.6, with a CSI camera at 1.7; without the filter of system
 * calls it would be 1.8.
 */
const MAX_EXPOSURE = 1.7;
/** A CSI camera is several devices, which differ from board to board. */
const MAX_CSI_EXPOSURE = 2;
/** Parts of a running system that units refer to. */
const TARGETS = ["sysinit", "basic", "shutdown", "multi-user"];

/** A root folder with our units installed and enabled, and an empty executable. */
class Machine implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "machine-" });

  constructor() {
    for (const unit of [...UNITS, COMMON]) {
      this.write(`etc/systemd/system/${unit}`, Deno.readTextFileSync(join(FOLDER, unit)));
    }
    for (const target of TARGETS) this.write(`usr/lib/systemd/system/${target}.target`, "[Unit]\n");
    const wanted = join(this.root, "etc/systemd/system/multi-user.target.wants");
    Deno.mkdirSync(wanted);
    for (const [index, unit] of STARTED.entries()) Deno.symlinkSync(`../${UNITS[index]}`, join(wanted, unit));
    this.write("usr/bin/haarlem", "#!/bin/sh\n");
    Deno.chmodSync(join(this.root, "usr/bin/haarlem"), 0o755);
  }

  write(path: string, text: string): void {
    Deno.mkdirSync(dirname(join(this.root, path)), { recursive: true });
    Deno.writeTextFileSync(join(this.root, path), text);
  }

  /** The complaints of systemd-analyze. */
  verify(): string {
    return analyze("verify", "--man=no", `--root=${this.root}`, ...STARTED, "multi-user.target").complaints;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

function analyze(...args: string[]): { success: boolean; answer: string; complaints: string } {
  const { success, stdout, stderr } = new Deno.Command(findParts().systemdAnalyze!, { args }).outputSync();
  const [answer, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { success, answer, complaints };
}

const read = (unit: string) => Deno.readTextFileSync(join(FOLDER, unit));

Deno.test("every line of our units is valid, and their order has no cycle", needs("systemdAnalyze"), () => {
  using machine = new Machine();
  assert.equal(machine.verify(), "");
  // The check finds a wrong line.
  machine.write(
    "etc/systemd/system/haarlem-saver.service",
    `${read("haarlem-saver.service")}\n[Service]\nNo=1\n`,
  );
  assert.match(machine.verify(), /Unknown key.*'No'/);
  machine.write("etc/systemd/system/haarlem-saver.service", read("haarlem-saver.service"));
  machine.write(`etc/systemd/system/${COMMON}`, read(COMMON).replace("Restart=always", "Restart=sometimes"));
  assert.match(machine.verify(), /haarlem-.service.d.*sometimes/);
});

for (const unit of UNITS) {
  Deno.test(`the exposure of ${unit} is at most ${MAX_EXPOSURE}`, needs("systemdAnalyze"), () => {
    const limit = ["--offline=true", `--threshold=${MAX_EXPOSURE * 10}`];
    const { success, answer, complaints } = analyze("security", ...limit, join(FOLDER, unit));
    assert.ok(success, answer + complaints);
  });
}

Deno.test("every line of the drop-in for a CSI camera is valid", needs("systemdAnalyze"), () => {
  using machine = new Machine();
  const path = `etc/systemd/system/${CSI_DROP_IN}`;
  machine.write(path, read(CSI));
  assert.equal(machine.verify(), "");
  machine.write(path, read(CSI).replace("KillMode=mixed", "KillMode=sometimes"));
  assert.match(machine.verify(), /front.service.d.csi.conf.*sometimes/, "the test sees what is wrong");
});

Deno.test(
  `the exposure of a detector with a CSI camera is at most ${MAX_CSI_EXPOSURE}`,
  needs("systemdAnalyze"),
  () => {
    using machine = new Machine();
    const folder = join(machine.root, "etc/systemd/system");
    machine.write("etc/systemd/system/haarlem-detector@.service.d/csi.conf", read(CSI));
    const limit = ["--offline=true", `--threshold=${MAX_CSI_EXPOSURE * 10}`];
    const unit = join(folder, "haarlem-detector@.service");
    const { success, answer, complaints } = analyze("security", ...limit, unit);
    assert.ok(success, answer + complaints);
    assert.match(answer, /DeviceAllow=.*(?:no device ACL|hardware)/i, "the drop-in counts");
  },
);

Deno.test("the drop-in for a CSI camera allows its devices and nothing else", () => {
  // With DynamicUser=yes the folder for temporary files is private, whatever PrivateTmp= says.
  assert.doesNotMatch(read(CSI), /^PrivateTmp=/m);
  assert.match(read(CSI), /^BindPaths=-\/tmp\/argus_socket$/m);
  // The real-time clock on the list of devices would shut out those that are not on it.
  assert.match(read(CSI), /^ProtectClock=no$/m);
});

Deno.test("a unit runs its program of the multi-call executable, reads its settings, and has the rights that it needs", () => {
  for (const { name } of SERVICES) {
    const unit = read(UNITS.find((unit) => unit.startsWith(`haarlem-${name}`))!);
    const instance = name === "detector" ? "detector-%i" : name;
    assert.match(unit, new RegExp(`^ExecStart=/usr/bin/haarlem ${name}$`, "m"));
    assert.match(unit, new RegExp(`^EnvironmentFile=-/etc/haarlem/${instance}.env$`, "m"));
    assert.match(unit, new RegExp(`^RuntimeDirectory=haarlem/${instance}$`, "m"));
    const hasCamera = /^SupplementaryGroups=video$/m.test(unit) &&
      /^DeviceAllow=char-video4linux rw$/m.test(unit);
    assert.equal(hasCamera, name === "detector", "the camera is the detector's alone");
    assert.equal(/^PrivateDevices=yes$/m.test(unit), !hasCamera);
  }
  const common = read(COMMON);
  for (
    const line of ["Type=notify", "StartLimitIntervalSec=0", "RestartPreventExitStatus=78", "DynamicUser=yes"]
  ) {
    assert.match(common, new RegExp(`^${line}$`, "m"));
  }
  assert.doesNotMatch(common, /^MemoryDenyWriteExecute/m, "V8 would be killed");
});
