/** The command that starts a program, for help and hints. */
import { basename } from "node:path";

/** Where this process was started from. */
interface Origin {
  readonly standalone: boolean;
  readonly execPath: string;
}

/**
 * `./haarlem saver` in a checkout; in an executable `haarlem-saver` where it has this name, else `haarlem saver`.
 */
export function commandOf(program: string, { standalone, execPath }: Origin = origin()): string {
  if (!standalone) return `./haarlem ${program}`;
  return basename(execPath) === `haarlem-${program}` ? `haarlem-${program}` : `haarlem ${program}`;
}

function origin(): Origin {
  const { standalone } = Deno.build;
  return { standalone, execPath: standalone ? Deno.execPath() : "" };
}
