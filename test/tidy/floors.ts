/**
 * The options of other programs that we use, and the versions that have them. The oldest supported versions are systemd
 * 237, Mosquitto 1.4.15 and ffmpeg 3.4, on Ubuntu 18.04 (JetPack 4).
 */

/** The first version that has an option, and the first that no longer has it. */
export interface Availability {
  readonly since: string;
  readonly until?: string;
}

/** The oldest supported versions. */
export const FLOORS = { systemd: "237", mosquitto: "1.4.15", ffmpeg: "3.4" } as const;

/** Options of systemd's programs. Sources: their manual pages ("Added in version") and systemd's NEWS. */
export const SYSTEMD_OPTIONS: Readonly<Record<string, Availability>> = {
  "systemctl -q": { since: "183" },
  "systemctl -p": { since: "183" },
  "systemctl -s": { since: "183" },
  "systemctl -P": { since: "246" },
  "systemctl --value": { since: "230" },
  "systemctl --now": { since: "220" },
  "systemctl --no-block": { since: "183" },
  "systemctl --version": { since: "183" },
  "systemctl --plain": { since: "203" },
  "systemctl --no-legend": { since: "183" },
  "systemctl --all": { since: "183" },
  "systemctl --state": { since: "206" },
  "systemctl --type": { since: "183" },
  "journalctl -q": { since: "183" },
  "journalctl -u": { since: "195" },
  "journalctl -n": { since: "183" },
  "journalctl -o": { since: "183" },
  "journalctl --no-pager": { since: "183" },
  "systemd-id128 boot-id": { since: "240" },
  "timedatectl show": { since: "239" },
  "timedatectl status": { since: "195" },
};

/**
 * Options of ffmpeg. Sources: FFmpeg's Changelog and doc/APIchanges, and `ffmpeg -h full` of 3.1, 3.4.2 and 9.0.2. "3.1"
 * means that it is the oldest version that was looked at.
 */
export const FFMPEG_OPTIONS: Readonly<Record<string, Availability>> = {
  "-v info": { since: "0.5" },
  "-v level+info": { since: "4.0" },
  "-hide_banner": { since: "2.0" },
  "-nostats": { since: "0.10" },
  "-max_alloc": { since: "1.0" },
  "-nostdin": { since: "1.0" },
  "-map": { since: "0.5" },
  "-vf": { since: "0.7" },
  "-vsync": { since: "0.5", until: "9.0" },
  "-fps_mode": { since: "5.1" },
  "-strict": { since: "0.5" },
  "-f": { since: "0.5" },
  "-i": { since: "0.5" },
  "-c:v": { since: "0.9" },
  "-re": { since: "0.5" },
  "-stream_loop": { since: "3.1" },
  "-rtsp_transport": { since: "0.8" },
  "-input_format": { since: "0.9" },
  "-framerate": { since: "0.9" },
  "-video_size": { since: "0.9" },
  "-version": { since: "0.5" },
  "-max_pixels": { since: "3.3" },
  "-threads": { since: "0.5" },
  "-probesize": { since: "0.5" },
  "-copyts": { since: "0.5" },
  "-c": { since: "0.9" },
  "-lowres": { since: "3.1" },
  "-discard": { since: "3.1" },
  "-list_formats": { since: "3.1" },
  "-frame_size": { since: "3.1" },
  "-use_wallclock_as_timestamps": { since: "3.1" },
  "-flush_packets": { since: "3.1" },
  "-cluster_time_limit": { since: "3.1" },
};

/** Whether version `a` is `b` or later; both consist of numbers and dots. */
export function isFrom(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Whether a version has an option. */
export function hasOption(version: string, { since, until }: Availability): boolean {
  return isFrom(version, since) && !(until && isFrom(version, until));
}
