/** Messages that could not be stored, kept for inspection up to a limit. */
import { join } from "node:path";
import { text, type Values } from "./settings.ts";

const MAX_KEPT = 100;
const MAX_BYTES_EACH = 2 ** 20;

export const SET_ASIDE_SETTINGS = {
  state: text({
    help:
      `folder for refused messages (the last ${MAX_KEPT}, 1 MiB of each); by default the service's state folder, else none are kept`,
    placeholder: "DIR",
  }),
};

/** Returns the function that keeps a message and why it was refused. It never throws: this is a courtesy. */
export function openSetAside(
  settings: Values<typeof SET_ASIDE_SETTINGS>,
): (id: string, payload: Uint8Array, reason: string) => Promise<void> {
  const state = settings.state ?? Deno.env.get("STATE_DIRECTORY");
  if (!state) return async () => {};
  const folder = join(state, "refused");
  return async (id, payload, reason) => {
    try {
      await Deno.mkdir(folder, { recursive: true });
      const name = `${new Date().toISOString().replaceAll(":", "-")}_${id.slice(0, 12)}`;
      await Deno.writeFile(join(folder, `${name}.bin`), payload.subarray(0, MAX_BYTES_EACH));
      await Deno.writeTextFile(join(folder, `${name}.txt`), `${reason}\n${payload.length} bytes\n${id}\n`);
      const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name).sort();
      for (const old of names.slice(0, -2 * MAX_KEPT)) await Deno.remove(join(folder, old));
    } catch {
      // A full or missing disk; the refusal itself is logged and receipted.
    }
  };
}
