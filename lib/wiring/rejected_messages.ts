/** Keeps rejected messages in a folder for inspection, up to a limit. */
import { join } from "node:path";
import { DISK, type Disk, diskMessage, removeTemporaries } from "../durable_file.ts";
import { Outage, type OutageTimes, sinceMinutes } from "../async/outage.ts";
import type { Log } from "../log.ts";
import { grouped, text, type Values } from "../settings/declare.ts";

/** Maximum number of messages that are kept; beyond it the oldest is removed. */
const MAX_KEPT = 100;
/** Maximum size of a kept message; the rest is cut off. */
const MAX_BYTES_EACH = 2 ** 20;

export const REJECTED_SETTINGS = grouped("storage", {
  state: text({
    help: "folder of rejected messages, for inspection",
    details: `The last ${MAX_KEPT} are kept, at most 1 MiB of each. ` +
      "Without it: the state folder of the service; without that, none are kept.",
    placeholder: "DIR",
  }),
});

/** Keeps a rejected message with the reason. */
export type KeepRejected = (id: string, payload: Uint8Array, reason: string) => Promise<void>;

/**
 * Returns the function that keeps rejected messages. It never throws: a rejection has its log line and its receipt
 * without it. A disk that cannot be written is logged as an outage.
 */
export function openRejectedMessages(
  settings: Values<typeof REJECTED_SETTINGS>,
  log?: Log,
  { disk = DISK, times }: { disk?: Disk; times?: OutageTimes } = {},
): KeepRejected {
  const state = settings.state ?? Deno.env.get("STATE_DIRECTORY");
  if (!state) return async () => {};
  const folder = join(state, "refused");
  const cleared = removeTemporaries(folder);
  const outage = new Outage({
    down: (reason, lastedMs) =>
      log?.warn(`cannot keep rejected messages: ${reason}`, { folder, ...sinceMinutes(lastedMs) }),
    up: () => log?.info("rejected messages are kept again", { folder }),
  }, times);
  /** One message is written at a time, so that the limit holds. */
  let turn = cleared;
  const keep: KeepRejected = async (id, payload, reason) => {
    try {
      await keepMessage(folder, disk, { id, payload, reason });
      outage.worked();
    } catch (error) {
      outage.failed(diskMessage(error));
    }
  };
  return (id, payload, reason) => turn = turn.then(() => keep(id, payload, reason));
}

async function keepMessage(
  folder: string,
  disk: Disk,
  { id, payload, reason }: { id: string; payload: Uint8Array; reason: string },
): Promise<void> {
  await disk.makeFolder(folder);
  // The oldest are removed first, so that a disk that these messages have filled has space for the next one.
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  for (const old of names.slice(0, Math.max(0, names.length - 2 * (MAX_KEPT - 1)))) {
    await disk.remove(join(folder, old));
  }
  const path = join(folder, `${new Date().toISOString().replaceAll(":", "-")}_${id.slice(0, 12)}`);
  await disk.write(`${path}.bin`, payload.subarray(0, MAX_BYTES_EACH));
  await disk.write(`${path}.txt`, new TextEncoder().encode(`${reason}\n${payload.length} bytes\n${id}\n`));
}
