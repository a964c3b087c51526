/** The settings of a systemd service of ours, from the files that its unit reads. */
import { join } from "node:path";
import { diskMessage } from "../../durable_file.ts";
import { ConfigError } from "../../errors.ts";
import { quoted } from "../../safe_address.ts";
import { CHECKED, type Checked } from "./settings.ts";

const FOLDER = "/etc/haarlem";

/** A service's program, and the variables that its unit sets. */
export interface ServiceEnvironment {
  readonly program: Checked;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Reads the files of `detector-front`, `saver`, …, in the order of the unit: the later one counts. Throws a ConfigError
 * for an unknown service, and for a file that cannot be read.
 */
export function serviceEnvironment(service: string, folder: string = FOLDER): ServiceEnvironment {
  const [, name, instance] = /^([a-z]+)(?:[-@]([\w-]+))?$/.exec(service) ?? [];
  const program = CHECKED.find((one) => one === name);
  if (!program || (program === "detector") !== (instance !== undefined)) {
    throw new ConfigError(
      `--service ${quoted(service)}: no such service`,
      `use one of ${CHECKED.map((one) => one === "detector" ? "detector-CAMERA" : one).join(", ")}`,
    );
  }
  const unit = instance === undefined ? program : `${program}-${instance}`;
  return {
    program,
    variables: {
      ...(instance !== undefined && {
        HAARLEM_CAMERA: instance,
        STATE_DIRECTORY: `/var/lib/haarlem/${unit}`,
      }),
      ...readVariables(join(folder, "common.env")),
      ...readVariables(join(folder, `${unit}.env`)),
    },
  };
}

/** The lines NAME=VALUE of a file; systemd also accepts a file that is missing. */
function readVariables(path: string): Record<string, string> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw new ConfigError(`cannot read ${quoted(path)}: ${diskMessage(error)}`, "run doctor with sudo");
  }
  const lines = text.split("\n").map((line) => /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? []);
  return Object.fromEntries(
    lines.filter(([, name]) => name !== undefined).map(([, name, value]) => [name, unquoted(value)]),
  );
}

/** systemd.exec(5): a value may stand in single or double quotes; in double quotes a backslash keeps the next character. */
function unquoted(value: string): string {
  const [, quote, inside] = /^(["'])(.*)\1$/.exec(value) ?? [];
  return quote === '"' ? inside.replace(/\\(["\\`$])/g, "$1") : inside ?? value;
}
