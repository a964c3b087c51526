/** Errors with a meaning of their own: the user can correct it, it ends the program, or no retry can succeed. */
import { printable } from "./printable.ts";

/** A mistake that the user can correct: bad settings, a missing program or device. The process exits with 78. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  /** @param message what is wrong, without a full stop. @param hint an imperative, shown after `Try:`. */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** A failure with a cause outside the settings (no such device, disk full) and a known remedy. The process exits with 1. */
export class FatalError extends Error {
  override readonly name = "FatalError";

  /** @param message what is wrong, without a full stop. @param hint an imperative, shown after `Try:`. */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** Why messages are rejected, for counting; the message of the error has the details. */
export const REJECTIONS = ["not_a_face", "too_large", "key_taken", "store", "breaks_connection"] as const;
export type Rejection = typeof REJECTIONS[number];

/** This message can never be stored (not a picture, too large): it is counted, kept for inspection and skipped. */
export class RejectedMessageError extends Error {
  override readonly name = "RejectedMessageError";

  /** @param message what is wrong with it, without a full stop. */
  constructor(message: string, readonly reason: Rejection = "not_a_face") {
    super(message);
  }
}

/** More characters of a message than these are cut; a list of all mistakes in the settings is shorter. */
const MAX_MESSAGE = 4_000;

/** The message of anything that was thrown, printable and cut, since a peer may have written it. Line feeds stay. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return printable(text, { max: MAX_MESSAGE, lines: true });
}
