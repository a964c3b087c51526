/**
 * Settings from the environment. `HAARLEM_SAVER_BROKER` is for the saver alone and goes before `HAARLEM_BROKER`, which
 * is for every program. One file of variables may serve several programs, so those of another one are no mistake.
 */
import { nearest } from "./suggest.ts";
import { KNOWN_NAMES, PROGRAM_NAMES } from "./setting_names.ts";

/** A text for a setting, with the place it came from for messages. */
export interface Given {
  readonly text: string;
  readonly place: string;
}

/** `min-size` -> `HAARLEM_MIN_SIZE`. */
export function environmentName(flag: string): string {
  return `HAARLEM_${flag.replaceAll("-", "_").toUpperCase()}`;
}

/**
 * A file of variables that was written on Windows leaves a carriage return at the end of each value, a Kubernetes secret
 * made of a file its line feed, and Docker's `--env-file` the quotes that systemd and a shell take away.
 */
export function cleaned(value: string): string {
  const text = value.replace(/[\r\n]+$/, "");
  const [, quote, inside] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  return quote && !inside.includes(quote) ? inside : text;
}

/** The texts that the environment gives for the flags of `program`, by flag. An empty one is as good as none. */
export function readEnvironment(
  program: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const flag of flags) {
    for (const place of [environmentName(`${program}-${flag}`), environmentName(flag)]) {
      const text = Object.hasOwn(environment, place) ? cleaned(environment[place]) : "";
      if (text === "") continue;
      given.set(flag, { text, place });
      break;
    }
  }
  return given;
}

/** A variable that is no setting. */
export interface UnknownVariable {
  readonly message: string;
  /** The variable that may be meant. */
  readonly near: string | undefined;
  /** It has the prefix of this very program, so nobody else can want it. */
  readonly isOwn: boolean;
}

/** Variables of the starter script, of the build and of the tests. */
const NO_SETTINGS = new Set(
  "cache commit compile-deno containers debian-mirror deno dist executables require-parts systems systems-table ubuntu-mirror"
    .split(" ").map(environmentName),
);
/** Kubernetes and Docker name a service or a linked container called `haarlem…` like this, beside the settings. */
const SERVICE =
  /_SERVICE_HOST=|_SERVICE_PORT(_[A-Z0-9_]+)?=|_PORT=(tcp|udp|sctp):|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=/;
/** More than these are not listed. */
const MAX_UNKNOWN = 20;

/** The variables that begin like settings and are none of any program. Their values are never shown. */
export function unknownVariables(
  program: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): UnknownVariable[] {
  const own = environmentName(`${program}-`);
  const ownNames = flags.map((flag) => environmentName(`${program}-${flag}`));
  const others = [...KNOWN_NAMES].map(environmentName);
  const known = new Set([...ownNames, ...others, ...NO_SETTINGS]);
  for (const other of PROGRAM_NAMES) {
    if (other === program) continue; // A setting of another program under the prefix of this one is for nobody.
    for (const name of KNOWN_NAMES) known.add(environmentName(`${other}-${name}`));
  }
  const unknown = Object.keys(environment)
    .filter((name) => name.startsWith("HAARLEM_") && !known.has(name))
    .filter((name) => !SERVICE.test(`${name}=${environment[name]}`))
    .sort().slice(0, MAX_UNKNOWN);
  return unknown.map((name) => {
    const isOwn = name.startsWith(own);
    const near = nearest(name, isOwn ? ownNames : [...others, ...ownNames]);
    const shown = /^\w{1,64}$/.test(name) ? name : "a variable whose name begins with HAARLEM_";
    return {
      message: `${shown} in the environment is no setting${isOwn ? ` of ${program}` : ""}`,
      near,
      isOwn,
    };
  });
}
