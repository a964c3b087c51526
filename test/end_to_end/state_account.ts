/** Reads a detector's state folder: the waiting and the evicted faces. */
export class StateAccount {
  constructor(readonly state: string) {}

  /** `EPOCH/SEQUENCE` of each face in the outbox. */
  waiting(): string[] {
    return namesIn(`${this.state}/outbox`).flatMap((name) => {
      const [, epoch, number] = /^(?:([\w-]+)-)?(\d{12})-[0-9a-f]{64}(?:\.unsettled)?$/.exec(name) ?? [];
      return number === undefined ? [] : [`${epoch ?? this.epoch}/${Number(number)}`];
    });
  }

  get epoch(): string {
    return Deno.readTextFileSync(`${this.state}/epoch`).trim();
  }

  ledger(): Map<string, string> {
    const entries = new Map<string, string>();
    for (const { epoch, sequence, reason, stored } of this.lines()) {
      if (sequence === undefined) continue;
      if (stored) entries.delete(`${epoch}/${sequence}`);
      else entries.set(`${epoch}/${sequence}`, String(reason));
    }
    return entries;
  }

  // deno-lint-ignore no-explicit-any
  lines(): any[] {
    let text = "";
    try {
      text = Deno.readTextFileSync(`${this.state}/ledger.jsonl`);
    } catch {
      // No face was evicted.
    }
    const lines = text.split("\n").filter(Boolean);
    if (!lines.at(-1)?.endsWith("}")) lines.pop(); // A running detector is writing it.
    return lines.map((line) => JSON.parse(line));
  }

  /** `EPOCH/SEQUENCE` of the faces in the ledger that were sent, so that they may be stored. */
  unconfirmed(): Set<string> {
    const sent = this.lines().filter((line) => line.sent);
    return new Set(sent.map(({ epoch, sequence }) => `${epoch}/${sequence}`));
  }
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return []; // The folder could not be made on a full disk.
  }
}
