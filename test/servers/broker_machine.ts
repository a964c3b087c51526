/**
 * A machine for a broker: a copy of a system's files that is removed with the test, with the real Mosquitto of that
 * system, and a stand-in for systemd that starts it as its unit does. Needs root; shares this machine's network.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { descendants } from "./descendants.ts";
import { type Skip, skipUnless } from "../../lib/testing/skip.ts";
import { findProgram } from "../parts.ts";
import { type Ended, RunningProgram, runProgram } from "./run_program.ts";

const SCRIPTS = new URL("../../deploy/mosquitto/", import.meta.url).pathname;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Mounts the system's files below a folder that collects the changes, then waits for the end. */
const BOOT = `set -e
mount -t tmpfs none "$2"
cd "$2"
mkdir changes work machine
mount -t overlay overlay -o "lowerdir=$1,upperdir=changes,workdir=work" machine
cd machine
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs none run
mkdir -p run/systemd/system opt/mosquitto
cp "$3"/* opt/mosquitto/
cp "$4" usr/local/bin/systemctl
printf '#!/bin/sh\\ncat /run/stand-in.stderr\\n' >usr/local/bin/journalctl
chmod 755 usr/local/bin/systemctl usr/local/bin/journalctl
rm -f var/log/mosquitto/mosquitto.log
echo ready
exec sleep infinity`;

/** systemctl for one unit, as the units of Debian start it: until it listens, or until it has ended. */
const SYSTEMCTL = `#!/bin/sh
[ "$1" != -q ] || shift
[ "$2" = mosquitto.service ] || exit 4
pid=/run/stand-in.pid log=/var/log/mosquitto/mosquitto.log
echo "$1" >>/run/stand-in.calls
# No process waits for it here, so its end leaves a zombie.
alive() { [ -s $pid ] && grep -qs '^State:.[^Z]' "/proc/$(cat $pid)/status"; }
case $1 in
  enable | reset-failed) exit 0 ;;
  start | stop | restart) ;;
  *) exit 1 ;;
esac
# Mosquitto forgets a signal that comes after it logs that it runs, but before its loop.
while alive; do
  kill "$(cat $pid)"
  sleep 0.02
done
rm -f $pid
[ "$1" != stop ] || exit 0
mkdir -p -m 740 /var/log/mosquitto /run/mosquitto
chown mosquitto: /var/log/mosquitto /run/mosquitto
rm -f $log
as=''
if grep -qsx User=mosquitto /lib/systemd/system/mosquitto.service; then
  as='setpriv --reuid=mosquitto --regid=mosquitto --init-groups'
fi
$as mosquitto -c /etc/mosquitto/mosquitto.conf >/dev/null 2>/run/stand-in.stderr &
echo $! >$pid
until grep -qs 'version .* running' $log; do
  alive || exit 1
  sleep 0.02
done
`;

/** The root folders of systems with Mosquitto and openssl: this one, and HAARLEM_BROKER_ROOTS=/roots/trixie:/roots/sid. */
export const BROKER_ROOTS = ["/", ...(Deno.env.get("HAARLEM_BROKER_ROOTS") ?? "").split(":").filter(Boolean)];

/** Options for tests that need such a machine: skipped without root or what makes it, unless HAARLEM_REQUIRE_PARTS=1. */
export function needsBrokerMachine(): Skip {
  const there = ["unshare", "nsenter", "mosquitto", "openssl"].every((name) => findProgram(name));
  return skipUnless(
    Deno.env.get("HAARLEM_REQUIRE_PARTS") === "1" || (there && Deno.uid() === 0),
    "the set-up of a broker on a machine of its own",
    "run deno task setup, then the tests as root",
  );
}

export class BrokerMachine implements AsyncDisposable {
  private constructor(
    private readonly boot: RunningProgram,
    private readonly pid: number,
    private readonly scratch: string,
  ) {}

  static async start({ root = "/" } = {}): Promise<BrokerMachine> {
    const scratch = await Deno.makeTempDir({ prefix: "broker-" });
    const systemctl = `${scratch}.systemctl`;
    await Deno.writeTextFile(systemctl, SYSTEMCTL);
    const script = ["sh", "-c", BOOT, "sh", root, scratch, SCRIPTS, systemctl];
    const boot = new RunningProgram("machine", [], {
      command: ["unshare", "--mount", "--pid", "--fork", "--kill-child", ...script],
    });
    await boot.printed(/ready/);
    await Deno.remove(systemctl);
    return new BrokerMachine(boot, descendants(boot.pid)[0], scratch);
  }

  /** Runs `setup`, or another program, in the machine, to its end. */
  setup(...args: string[]): Promise<Ended> {
    return this.run("/opt/mosquitto/setup", ...args);
  }

  run(...words: string[]): Promise<Ended> {
    return runProgram(words[0], [], { command: this.command(...words) });
  }

  /** The command that runs a program in the machine. */
  command(...words: string[]): string[] {
    const inside = ["chroot", join(this.scratch, "machine"), "env", "-i", `PATH=${PATH}`, ...words];
    return ["nsenter", `--target=${this.pid}`, "--mount", "--pid", ...inside];
  }

  async read(path: string): Promise<string> {
    const { code, stdout, stderr } = await this.run("cat", path);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  async write(path: string, text: string): Promise<void> {
    const { code, stderr } = await this.run("sh", "-c", 'printf %s "$2" >"$1"', "sh", path, text);
    assert.equal(code, 0, stderr);
  }

  /** Mode, owner, group, checksum and name of every file below a folder. */
  async files(folder: string): Promise<string> {
    const script =
      'find "$1" -type f | sort | while read -r file; do stat -c "%a %U %G %n" "$file"; cksum <"$file"; done';
    return (await this.run("sh", "-c", script, "sh", folder)).stdout;
  }

  /** The output of Mosquitto since its last start. */
  async log(): Promise<string> {
    return await this.read("/var/log/mosquitto/mosquitto.log") + await this.read("/run/stand-in.stderr");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.boot.kill();
    await Deno.remove(this.scratch, { recursive: true });
  }
}
