/** The setting that makes a program behave as the programs of the course do: docs/HOMEWORK.md. */
import { grouped, preset, type Setting, type Settings } from "../settings/declare.ts";

/** Each detection of each frame is published once; nobody keeps it, acknowledges it or sends it again. */
const HOMEWORK: Readonly<Record<string, string>> = {
  faces: "every",
  margin: "0",
  motion: "off",
  receipts: "off",
  qos: "0",
  key: "HW3/{MM}-{DD}-{YYYY}-{HH}-{mm}-{ss}_image.png",
};

/** The settings of a program, and `--preset`, which gives those that the program has. */
export function withPreset<S extends Settings>(
  settings: S,
): S & { readonly preset: Setting<string | undefined> } {
  const homework = Object.fromEntries(Object.entries(HOMEWORK).filter(([name]) => name in settings));
  const help = "use the values of a preset for settings that are not given";
  return { ...settings, ...grouped("running", { preset: preset({ help, presets: { homework } }) }) };
}
