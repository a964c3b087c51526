/** Settings from the command line: `--min-size 60`, `--min-size=60`, `--once`. */
import { parseArgs } from "node:util";
import { environmentName, flagName, type Setting, type Settings } from "./declare.ts";
import type { Given, Problems, Reader } from "./source.ts";
import { nearest } from "./suggest.ts";

/** The texts that the arguments give, by the name of the setting. The last of a repeated flag counts. */
export function readFlags(
  reader: Reader,
  settings: Settings,
  args: readonly string[],
  problems: Problems,
): Map<string, Given> {
  const names = Object.keys(settings);
  const flags = new Map<string, Given>();
  /** Arguments before this one are understood, or belong to a mistake that is reported already. */
  let reported = 0;
  const behindValue = (index: number) => args[index] && !args[index].startsWith("--") ? index + 1 : index;
  for (const token of tokensOf(settings, args)) {
    if (token.kind === "option-terminator" || token.index < reported) continue;
    if (token.kind === "positional") {
      // It is not shown: it may be the rest of a password with a space in it.
      problems.mistakes.push(
        `argument ${token.index + 1} is not understood: settings are given as --name value`,
      );
      if (settings.source) problems.hints.add("set --source to a camera, a clip or pictures");
      continue;
    }
    const name = names.find((candidate) => flagName(candidate) === token.name);
    if (!name) {
      unknown(reader, settings, args[token.index], problems);
      reported = token.inlineValue ? token.index + 1 : behindValue(token.index + 1);
      continue;
    }
    const taken = valueOf(settings[name], flagName(name), token, problems);
    if (taken === "none") reported = token.inlineValue ? token.index + 1 : behindValue(token.index + 2);
    else if (taken !== "refused") flags.set(name, { text: taken.text, place: token.rawName });
  }
  return flags;
}

function tokensOf(settings: Settings, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(settings).map(([name, { placeholder }]) =>
      [flagName(name), { type: placeholder ? "string" : "boolean" }] as const
    ),
  );
  return parseArgs({ args: [...args], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}

function unknown(
  { program, known }: Reader,
  settings: Settings,
  arg: string,
  { mistakes, hints }: Problems,
): void {
  const flags = Object.keys(settings).filter((name) => !settings[name].secret).map(flagName);
  const withOneHyphen = flags.find((flag) => arg === `-${flag}` || arg.startsWith(`-${flag}=`));
  if (withOneHyphen) {
    mistakes.push(`no setting "-${withOneHyphen}" in ${program}: a name follows two hyphens`);
    hints.add(`set --${withOneHyphen}`);
    return;
  }
  // What does not look like a name may hold a secret, as in -pSECRET.
  const given = /^--[a-z][\w-]{0,40}(?==|$)/i.exec(arg)?.[0] ?? arg.slice(0, 2);
  const name = given.replace(/^--?/, "");
  const others = Object.hasOwn(known.settings, name) ? known.settings[name] : [];
  const elsewhere = others.length > 0 ? `; ${enumerated(others)} it` : "";
  mistakes.push(`no setting "${given}" in ${program}${elsewhere}`);
  if (elsewhere) return; // It is not mistyped.
  const near = nearest(name, flags);
  if (near) hints.add(`set --${near}`);
}

/** `saver has`, `saver and demo have`, `saver, gallery and demo have`. */
function enumerated(programs: readonly string[]): string {
  const [before, last] = [programs.slice(0, -1), programs.at(-1)];
  return before.length === 0 ? `${last} has` : `${before.join(", ")} and ${last} have`;
}

/** The text of a flag; `none` when its value is missing, `refused` when it must not be given like this. */
function valueOf(
  { secret, placeholder }: Setting<unknown>,
  flag: string,
  { rawName, value, inlineValue }: { rawName: string; value?: string; inlineValue?: boolean },
  { mistakes, hints }: Problems,
): { text: string } | "none" | "refused" {
  if (secret) {
    mistakes.push(`${rawName} is a secret, which every user of the machine could read in a flag`);
    hints.add(`set ${environmentName(flag)} in the environment`);
    return "refused";
  }
  if (!placeholder) {
    if (value !== undefined) mistakes.push(`${rawName} takes no value`);
    return { text: "true" };
  }
  if (!value || (!inlineValue && value.startsWith("--"))) {
    mistakes.push(`${rawName} needs a value: ${placeholder}`);
    return "none";
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*:[^/?#]*@/i.test(value)) {
    mistakes.push(`${rawName} holds a password, which every user of the machine could read in a flag`);
    hints.add(`set ${environmentName(flag)} in the environment`);
    return "refused";
  }
  return { text: value };
}
