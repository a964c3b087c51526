/**
 * Receipts, one line for each face: the 64 hex digits of its identity when it is stored, followed by `refused` and the
 * reason when it was rejected.
 */
import { printable } from "../printable.ts";

/** Maximum length of a reason, written or read; the rest is cut off, since any client may publish on a topic. */
const MAX_REASON = 300;

/** The receipt of one face. */
export interface Receipt {
  /** SHA-256 of the face's bytes, 64 lower-case hex digits. */
  readonly id: string;
  /** Why the face was rejected; absent when it is stored. */
  readonly refused?: string;
}

/** The payload of a receipt message. */
export function formatReceipts(receipts: readonly Receipt[]): Uint8Array {
  const lines = receipts.map(({ id, refused }) =>
    refused === undefined
      ? id
      : `${id} refused ${printable(refused.replace(/\s+/g, " "), { max: MAX_REASON })}`
  );
  return new TextEncoder().encode(lines.join("\n"));
}

/** Reads a receipt message. Other lines are ignored, since any client may publish on a topic. */
export function parseReceipts(payload: Uint8Array): Receipt[] {
  return new TextDecoder().decode(payload).split("\n").flatMap((line) => {
    const found = /^([0-9a-f]{64})( refused(?: (.*))?)?$/s.exec(line.trim());
    return found
      ? [{
        id: found[1],
        ...(found[2] !== undefined && { refused: printable(found[3] ?? "", { max: MAX_REASON }) }),
      }]
      : [];
  });
}
