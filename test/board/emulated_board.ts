/** The emulated board (deploy/board), driven as by a user: with `emulator`, `deploy/install` and ssh. */
import { join } from "node:path";
import { LONG, run } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { cachePath } from "../parts.ts";

const EMULATOR = inProject("deploy/board/emulator");
const INSTALL = inProject("deploy/install");
const UNIT = "haarlem-detector@front";
const STATE = "/var/lib/haarlem/detector-front";

/** This machine, as the board sees it. */
export const HOST_ON_BOARD = "10.0.2.2";
/** The camera's stable name on the board. */
export const CAMERA = "/dev/v4l/by-id/usb-Board_in_a_box-video-index0";

/** The state that the detector on the board reports to systemd. */
export interface DetectorStatus {
  /** An id that each run of the program has for itself. */
  readonly run: string;
  readonly frames: number;
  readonly faces: number;
  readonly waiting: number;
}

/** The emulated board in the cache folder. */
export class EmulatedBoard {
  /** Starts it from its first image. */
  async startAfresh(): Promise<void> {
    await run(EMULATOR, ["reset"]);
    await run(EMULATOR, ["up"], LONG);
  }

  /** `deploy/install` with these settings; returns what it printed. */
  async install(args: readonly string[]): Promise<string> {
    return await run(
      INSTALL,
      ["board", "--ssh-config", join(cachePath(), "board/ssh_config"), ...args],
      LONG,
    );
  }

  /** `deploy/install --uninstall`. */
  async uninstall(): Promise<void> {
    await this.install(["--uninstall"]);
  }

  /** Every path on the board except package databases, caches, logs and temporary files. */
  async files(): Promise<Set<string>> {
    const passing = [
      "/var/cache",
      "/var/log",
      "/var/backups",
      "/var/lib/apt",
      "/var/lib/dpkg",
      "/var/lib/systemd",
    ];
    const pruned = ["/tmp", "/var/tmp", ...passing].map((path) => `-path ${path}`).join(" -o ");
    const text = await this.asRoot(`find / -xdev \\( ${pruned} \\) -prune -o -print`);
    return new Set(text.split("\n"));
  }

  async unplugCamera(): Promise<void> {
    await run(EMULATOR, ["unplug"]);
  }

  async plugCamera(): Promise<void> {
    await run(EMULATOR, ["plug"]);
  }

  /** Ends the stream of frames. */
  async stopCamera(): Promise<void> {
    await this.asRoot("systemctl disable --now board-camera");
  }

  /** kill -9. */
  async killDetector(): Promise<void> {
    await this.asRoot(`systemctl kill --kill-who=main --signal=KILL ${UNIT}`);
  }

  /** Reboots the system, which ends the connection. */
  async reboot(): Promise<void> {
    await this.asRoot("systemctl reboot").catch(() => {});
  }

  /** Cuts the power: what was not on the disk is lost. */
  async cutPower(): Promise<void> {
    await run(EMULATOR, ["cut"]);
  }

  async shutDown(): Promise<void> {
    await run(EMULATOR, ["down"]);
  }

  /** An id of this start of the board; `undefined` while it does not answer. */
  async bootId(): Promise<string | undefined> {
    return await this.asRoot("cat /proc/sys/kernel/random/boot_id").catch(() => undefined);
  }

  async detector(): Promise<DetectorStatus> {
    const text = await this.asRoot(`systemctl show -P InvocationID -P StatusText ${UNIT}`);
    const count = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1] ?? 0);
    return {
      run: /^[0-9a-f]{32}$/m.exec(text)?.[0] ?? "",
      frames: count("frames"),
      faces: count("faces"),
      waiting: count("waiting"),
    };
  }

  /** Counts in the state folder: waiting faces, the highest number of a face, evicted faces. */
  async outbox(): Promise<{ waiting: number; highest: number; givenUp: number }> {
    const text = await this.asRoot(
      `ls ${STATE}/outbox | wc -l; cat ${STATE}/sequence; echo; cat ${STATE}/ledger.jsonl 2>/dev/null | grep -c reason || true`,
    );
    const [waiting, highest, givenUp] = text.split(/\s+/).map(Number);
    return { waiting, highest, givenUp };
  }

  /** The last lines of the programs' logs, for diagnosis. */
  async lastWords(): Promise<string> {
    return await this.asRoot("journalctl -u 'haarlem-*' -u mosquitto -n 60 -o short-monotonic --no-pager");
  }

  async asRoot(command: string): Promise<string> {
    const config = join(cachePath(), "board/ssh_config");
    const quoted = `sudo sh -c '${command.replaceAll("'", `'\\''`)}'`;
    return await run("ssh", ["-F", config, "-o", "ConnectTimeout=20", "board", quoted], LONG);
  }
}
