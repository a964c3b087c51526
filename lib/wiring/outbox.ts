/** The outbox that the settings describe: its state folder, its limits, and the reports of its disk. */
import { join } from "node:path";
import { type OutageTimes, sinceMinutes } from "../async/outage.ts";
import { ConfigError } from "../errors.ts";
import type { Component } from "../health/health.ts";
import type { Log } from "../log.ts";
import { Outbox } from "../outbox/outbox.ts";
import { ComponentOutage } from "./component_outage.ts";
import type { SinkContext } from "./face_sink.ts";
import type { SinkSettings } from "./open_face_sink.ts";

/** Maximum number of damaged entries of a state folder that are logged one by one; one line covers the others. */
const MAX_DAMAGES_LOGGED = 20;

type Limits = Pick<SinkSettings, "outboxFaces" | "outboxSize" | "memoryFaces" | "memorySize">;

/** Opens the outbox in a state folder. Throws as {@link Outbox.open} does. */
export async function openOutbox(
  folder: string,
  { outboxFaces, outboxSize, memoryFaces, memorySize }: Limits,
  { log, health }: Pick<SinkContext, "log" | "health">,
): Promise<Outbox> {
  let damages = 0;
  return await Outbox.open(folder, {
    maxFaces: outboxFaces,
    maxBytes: outboxSize * 2 ** 20,
    memoryFaces,
    memoryBytes: memorySize * 2 ** 20,
  }, {
    onDamage: ({ name, reason }) => {
      if (damages++ < MAX_DAMAGES_LOGGED) {
        log.warn(`cannot use "${name}" in the state folder: ${reason}; it is set aside`, { folder });
      } else if (damages === MAX_DAMAGES_LOGGED + 1) {
        log.warn("more entries of the state folder are set aside; the ledger lists every face", { folder });
      }
    },
    onDiskFailure: diskReport(folder, { component: health.component("disk"), log }),
  });
}

/** Returns the function to call with the reason of each failed write, and without one when the disk can be written. */
export function diskReport(
  folder: string,
  { component, log, times }: { component: Component; log: Log; times?: OutageTimes },
): (reason?: string) => void {
  const outage = new ComponentOutage(component, {
    down: (reason, lastedMs) => {
      const hint = /permission denied/i.test(reason)
        ? "set --state to a folder that this user can write"
        : undefined;
      const text = `${reason}; faces are kept in memory and sent from there`;
      log.error(hint === undefined ? text : `${text}. Try: ${hint}`, sinceMinutes(lastedMs));
    },
    up: () => log.info("the disk can be written again", { folder }),
  }, times);
  outage.worked();
  return (reason) => {
    if (reason === undefined) outage.worked();
    else outage.failed(`cannot write the outbox in "${folder}": ${reason}`, reason);
  };
}

/** The state folder: --state, systemd's StateDirectory, or the state folder of the XDG Base Directory Specification. */
export function stateFolder({ state, camera }: Pick<SinkSettings, "state" | "camera">): string {
  if (state !== undefined) return state;
  const service = Deno.env.get("STATE_DIRECTORY");
  if (service) return service;
  const home = Deno.env.get("XDG_STATE_HOME") ||
    (Deno.env.get("HOME") && join(Deno.env.get("HOME")!, ".local/state"));
  if (!home) {
    throw new ConfigError("cannot choose a folder for the outbox: HOME is not set", "set --state DIR");
  }
  return join(home, "haarlem", camera);
}
