/** What `doctor` finds, and how its checks run: each bounded in time, side by side, reported in a fixed order. */
import { atMost } from "../../async/delay.ts";
import { ConfigError, FatalError, messageOf } from "../../errors.ts";
import { printable } from "../../printable.ts";
import { withSafeAddresses } from "../../safe_address.ts";
import { StoreError } from "../../store/store.ts";

/** ok; note: worth knowing, and no fault; wrong: the program cannot do its job. */
export type FindingState = "ok" | "note" | "wrong";

/** One line of the report. */
export interface Finding {
  /** What was checked, such as `camera`. */
  readonly name: string;
  readonly state: FindingState;
  readonly text: string;
  /** What to do, an imperative. */
  readonly hint?: string;
}

/** A check. It yields what it finds; what it throws becomes a finding. */
export interface Check {
  readonly name: string;
  /** The check is aborted after this long. */
  readonly limitMs: number;
  run(options: { signal: AbortSignal }): AsyncIterable<Finding>;
}

/** How long a check that was aborted may take to release what it holds, such as a camera. */
const RELEASE_MS = 3_000;

/** Runs all checks at once, and yields their findings in the order of the checks. */
export async function* runChecks(
  checks: readonly Check[],
  { signal, onEnd = () => {} }: { signal: AbortSignal; onEnd?: (name: string) => void },
): AsyncGenerator<Finding> {
  const running = checks.map((check) => runCheck(check, signal).finally(() => onEnd(check.name)));
  for (const findings of running) yield* await findings;
}

/** Never rejects. */
async function runCheck({ name, limitMs, run }: Check, signal: AbortSignal): Promise<Finding[]> {
  const limit = AbortSignal.timeout(limitMs);
  const findings: Finding[] = [];
  const work = async () => {
    for await (const finding of run({ signal: AbortSignal.any([signal, limit]) })) findings.push(finding);
  };
  const failed = (error: unknown) =>
    findings.push(limit.aborted ? tooSlow(name, limitMs) : findingOf(name, error));
  const ended = await atMost(limitMs + RELEASE_MS, work().then(() => true, failed));
  if (ended === undefined) findings.push(tooSlow(name, limitMs));
  return findings;
}

function tooSlow(name: string, limitMs: number): Finding {
  return {
    name,
    state: "wrong",
    text: `no result within ${limitMs / 1000} s`,
    hint: "check the network and the load of this machine, and run doctor again",
  };
}

/** An error as a finding. Errors that explain themselves have a remedy. */
export function findingOf(name: string, error: unknown): Finding {
  const text = printable(withSafeAddresses(messageOf(error)));
  if (error instanceof ConfigError || error instanceof FatalError) {
    return { name, state: "wrong", text, hint: error.hint };
  }
  const hint = error instanceof StoreError
    ? "check that the store is reachable, and the policy of these credentials"
    : "run doctor again, and report this if it stays";
  return { name, state: "wrong", text, hint };
}
