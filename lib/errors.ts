/** The errors that mean more than "it failed": what a user can mend, and what no retry can mend. */
import { printable } from "./printable.ts";

/** A mistake the user can mend: bad settings, a missing program or device. The process ends with exit code 78. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  /** @param message what is wrong, without a full stop. @param hint what to do, shown after `Try:`. */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** A failure whose cause is outside the settings (no such device, disk full) and whose remedy is known. Exit code 1. */
export class FatalError extends Error {
  override readonly name = "FatalError";

  /** @param message what is wrong, without a full stop. @param hint what to do, shown after `Try:`. */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** This one message can never succeed (not a picture, too large): it is counted, set aside and passed over. */
export class RejectedMessageError extends Error {
  override readonly name = "RejectedMessageError";
}

/** A list of all mistakes in the settings is shorter. */
const MAX_MESSAGE = 4_000;

/** The message of anything that was thrown, printable and cut: a peer may have written it. Several lines stay so. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return printable(text, { max: MAX_MESSAGE, lines: true });
}
