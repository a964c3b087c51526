/** What flags, environment and settings file have in common: who reads, what was read, what was wrong. */

/** Names that exist beside those of the program that reads. A shared file or environment may hold them. */
export interface KnownNames {
  /** The programs, which have sections and variables of their own. */
  readonly programs: readonly string[];
  /** The settings of all programs, as flags (`min-size`), each with the programs that have it. */
  readonly settings: Readonly<Record<string, readonly string[]>>;
  /** Variables that begin with `HAARLEM_` and are not settings. */
  readonly variables: readonly string[];
}

/** The program that reads its settings. */
export interface Reader {
  readonly program: string;
  /** Its settings, as flags: `min-size`. */
  readonly names: readonly string[];
  readonly known: KnownNames;
}

/** The text of a setting, with the place it came from for messages. */
export interface Given {
  readonly text: string;
  readonly place: string;
}

/** What is wrong with the settings. */
export interface Problems {
  /** Each keeps the program from starting. */
  readonly mistakes: string[];
  /** Each may be a mistake, or belong to another or a later program. */
  readonly warnings: string[];
  /** Imperatives for `Try:`. */
  readonly hints: Set<string>;
}
