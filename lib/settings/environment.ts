/**
 * Settings from the environment. `HAARLEM_SAVER_BROKER` is for the saver alone and goes before `HAARLEM_BROKER`, which
 * is for every program. Several programs may share one file of variables, so a variable of another program is not a
 * mistake.
 */
import { environmentName } from "./declare.ts";
import type { Given, Problems, Reader } from "./source.ts";
import { nearest } from "./suggest.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * The value without what its file adds: a carriage return (a file of variables from Windows), a line feed (a Kubernetes
 * secret made from a file), quotes (Docker's `--env-file`; systemd and a shell remove them).
 */
export function cleaned(value: string): string {
  const text = value.replace(/[\r\n]+$/, "");
  const [, quote, inside] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  return quote && !inside.includes(quote) ? inside : text;
}

/** The texts that the environment gives, by flag. An empty variable counts as absent. */
export function readEnvironment(
  reader: Reader,
  environment: Environment,
  problems: Problems,
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const flag of reader.names) {
    for (const place of [environmentName(`${reader.program}-${flag}`), environmentName(flag)]) {
      const text = Object.hasOwn(environment, place) ? cleaned(environment[place]) : "";
      if (text === "") continue;
      given.set(flag, { text, place });
      break;
    }
  }
  reportUnknown(reader, environment, problems);
  return given;
}

/** Kubernetes and Docker set such variables for a service or a linked container called `haarlem…`. */
const SERVICE =
  /_SERVICE_HOST=|_SERVICE_PORT(_[A-Z0-9_]+)?=|_PORT=(tcp|udp|sctp):|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=/;
/** Names that begin like ours, also in lower case or after the byte order mark of a file of variables. */
const OURS = /^\ufeff?HAARLEM_/i;
/** The number of unknown variables that are named; the others are counted. Those that are mistakes come first. */
const MAX_UNKNOWN = 20;

/**
 * Reports variables that begin like settings and are none; their values are never shown. With the prefix of this
 * program such a variable is a mistake. Without it, it may belong to a later program: a warning.
 */
function reportUnknown(
  { program, names, known }: Reader,
  environment: Environment,
  { mistakes, warnings, hints }: Problems,
): void {
  const ownNames = names.map((flag) => environmentName(`${program}-${flag}`));
  const everyName = Object.keys(known.settings);
  const shared = [...everyName, ...names].map(environmentName);
  const accepted = new Set([...ownNames, ...shared, ...known.variables]);
  const rest = Object.keys(environment)
    .filter((name) => OURS.test(name) && !accepted.has(name))
    .filter((name) => !SERVICE.test(`${name}=${environment[name]}`));
  if (rest.length === 0) return; // As at most starts, which need not make hundreds of names.
  // A setting of another program with the prefix of this one is not accepted.
  const ofOthers = known.programs.filter((other) => other !== program)
    .flatMap((other) => everyName.map((name) => environmentName(`${other}-${name}`)));
  const bareOf = (name: string) => name.replace(/^\ufeff/, "");
  const isOfProgram = (name: string) => bareOf(name).startsWith(environmentName(`${program}-`));
  const unknown = rest.filter((name) => !ofOthers.includes(name))
    .sort((a, b) => Number(isOfProgram(b)) - Number(isOfProgram(a)) || (a < b ? -1 : 1));
  const others = unknown.length - MAX_UNKNOWN;
  for (const name of unknown.slice(0, MAX_UNKNOWN)) {
    const [bare, isOwn] = [bareOf(name), isOfProgram(name)];
    const near = nearest(bare.toUpperCase(), isOwn ? ownNames : [...shared, ...ownNames, ...ofOthers]);
    const place = `${/^\w{1,64}$/.test(bare) ? bare : "a variable HAARLEM_…"} in the environment` +
      (bare === name ? "" : ", with a byte order mark before its name,");
    if (!isOwn) {
      warnings.push(`${place} is not a setting${near ? `. Try: set ${near}` : ""}`);
      continue;
    }
    mistakes.push(`${place} is not a setting of ${program}`);
    if (near) hints.add(`set ${near}`);
  }
  if (others > 0) {
    warnings.push(
      others === 1
        ? "1 more variable in the environment is not a setting"
        : `${others} more variables in the environment are not settings`,
    );
  }
}
