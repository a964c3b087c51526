/**
 * The list of programs. Everything that names them all is made from it (executables, help, docs/SETTINGS.md, the known
 * setting names) or compared with it by test/tidy/programs_test.ts (deno.json, the starter, units, containers, installer).
 *
 * The list loads nothing. A program takes its summary from here, so an import of the workers, lazy or not, would put
 * all programs into the module graph of each. The multi-call executable has the loaders (deploy/haarlem.ts).
 */

/** One entry of the list. */
export interface ListedProgram {
  /** The name of its file in workers/, of the constant exported there, of its task and its permissions. */
  readonly name: string;
  /** A verb phrase in lower case without a full stop. */
  readonly summary: string;
  /** Whether it is part of the executables, packages and images. */
  readonly isShipped: boolean;
  /** Whether it runs once and ends with an exit code: it is no service, and has no health. */
  readonly isCommand?: true;
}

export const PROGRAMS = [
  {
    name: "demo",
    summary: "runs the whole pipeline on this machine, without a camera or an account",
    isShipped: false, // It starts the other programs from their source.
  },
  {
    name: "detector",
    summary: "finds faces in a camera, a clip or pictures and publishes each as a PNG",
    isShipped: true,
  },
  {
    name: "logger",
    summary: "prints one line for every face that a broker delivers",
    isShipped: true,
  },
  {
    name: "forwarder",
    summary: "carries faces from the board's broker to the cloud's, and receipts back",
    isShipped: true,
  },
  {
    name: "saver",
    summary: "stores each face once in a bucket or a folder, and sends a receipt",
    isShipped: true,
  },
  {
    name: "gallery",
    summary: "shows the stored faces on a web page, new ones as they arrive",
    isShipped: true,
  },
  {
    name: "notifier",
    summary: "sends a message for each visit, once its face is stored",
    isShipped: true,
  },
  {
    name: "doctor",
    summary: "checks camera, brokers, store, clock and disk with the settings of the programs",
    isShipped: true,
    isCommand: true,
  },
] as const satisfies readonly ListedProgram[];

export type ProgramName = typeof PROGRAMS[number]["name"];
/** A program of the multi-call executable. */
export type ShippedName = Extract<typeof PROGRAMS[number], { isShipped: true }>["name"];

/** What the executables, packages and images contain. */
export const SHIPPED = PROGRAMS.filter((one): one is Extract<typeof one, { isShipped: true }> =>
  one.isShipped
);

/** The shipped programs that run as services: each has a unit, a container and an executable of its own. */
export const SERVICES = SHIPPED.filter((one): one is Exclude<typeof one, { isCommand: true }> =>
  !("isCommand" in one)
);
export type ServiceName = typeof SERVICES[number]["name"];

/** Whether a program runs once and ends. */
export function isCommand(name: string): boolean {
  return PROGRAMS.some((one) => one.name === name && "isCommand" in one);
}

/** The summary of a program. */
export function summaryOf(name: ProgramName): string {
  return PROGRAMS.find((one) => one.name === name)!.summary;
}
