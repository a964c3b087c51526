/** The declarations of the programs, for checks of files that repeat them. */
import deno from "../../deno.json" with { type: "json" };
import { projectFile } from "../../lib/testing/files.ts";
import { environmentName, flagName, type Setting, type Settings } from "../../lib/settings/declare.ts";
import { SERVICES } from "../../lib/program/programs.ts";
import { PROGRAMS as ALL_PROGRAMS } from "../tidy/all_programs.ts";

export const VERSION: string = deno.version;

/** The settings of each shipped program, by its name. */
export const PROGRAMS: ReadonlyMap<string, Settings> = new Map(
  ALL_PROGRAMS.filter(({ name }) => SERVICES.some((one) => one.name === name))
    .map(({ name, settings }) => [name, settings]),
);

/** Variables that the AWS SDK reads from the environment. */
const FOREIGN = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/** The setting that a variable of the environment gives to a program. */
function settingOf(program: string, variable: string): Setting<unknown> | undefined {
  const settings = Object.entries(PROGRAMS.get(program) ?? {});
  return settings.find(([name]) =>
    [flagName(name), `${program}-${flagName(name)}`].some((flag) => environmentName(flag) === variable)
  )?.[1];
}

/** The errors in a program's variables. With `shared`, a variable may belong to another program. */
export function wrongVariables(
  program: string,
  variables: Readonly<Record<string, string>>,
  { shared = false } = {},
): string[] {
  return Object.entries(variables).flatMap(([variable, value]) => {
    if (FOREIGN.includes(variable)) return [];
    const setting = settingOf(program, variable);
    const known = shared && [...PROGRAMS.keys()].some((other) => settingOf(other, variable));
    if (!setting) return known ? [] : [`${program} has no setting ${variable}`];
    try {
      setting.parse(value);
      return [];
    } catch (error) {
      return [`${program}: ${variable} is "${value}": ${(error as Error).message}`];
    }
  });
}

/** The stages of the Dockerfile that are images, and whether they contain ffmpeg. */
export async function imageTargets(): Promise<Map<string, { readonly ffmpeg: boolean }>> {
  const stages = (await projectFile("Dockerfile")).split(/^(?=FROM )/m);
  const targets = new Map<string, { ffmpeg: boolean }>();
  for (const stage of stages) {
    const [, base, name] = /^FROM (?:--\S+ )?(\S+) AS (\S+)/.exec(stage) ?? [];
    if (!/^ENTRYPOINT/m.test(stage) && !targets.has(base)) continue;
    targets.set(name, { ffmpeg: /--from=ffmpeg/.test(stage) || (targets.get(base)?.ffmpeg ?? false) });
  }
  return targets;
}

/** The errors in the combination of an image and the program that runs in it. */
export function wrongImage(
  image: string,
  program: string,
  targets: Awaited<ReturnType<typeof imageTargets>>,
): string[] {
  const [, target, version] = /^haarlem-(\w+):(.+)$/.exec(image) ?? [];
  const found = targets.get(target);
  if (!found) return [`no target of the Dockerfile is the image "${image}"`];
  return [
    ...version === VERSION ? [] : [`the image "${image}" should be of version ${VERSION}`],
    ...PROGRAMS.has(program) ? [] : [`no program "${program}" is in the image "${image}"`],
    ...program === "detector" && !found.ffmpeg ? [`the image "${image}" has no ffmpeg for the detector`] : [],
  ];
}

/** The ports of a Mosquitto's configuration. */
export function listeners(config: string): number[] {
  return Array.from(config.matchAll(/^listener (\d+)/gm), ([, port]) => Number(port));
}
