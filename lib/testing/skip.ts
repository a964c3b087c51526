/** Tests that a run leaves out, and why: test/run.ts prints the reasons at its end. For tests. */

/** What `Deno.test` takes to leave a test out. */
export interface Skip {
  readonly ignore: boolean;
}

/** Whether this is `deno task test:unit`, which starts no other program and takes seconds. */
const isUnit = Deno.env.get("HAARLEM_UNIT") === "1";
/** The file that collects the reasons; without one they are not collected. */
const reasons = Deno.env.get("HAARLEM_SKIPPED");

/** Leaves a test out where `isThere` is false. `what` completes `skipped: WHAT`; `hint` is an imperative. */
export function skipUnless(isThere: boolean, what: string, hint: string): Skip {
  if (!isThere && !isUnit && reasons) {
    Deno.writeTextFileSync(reasons, `skipped: ${what}. Try: ${hint}\n`, { append: true });
  }
  return { ignore: isUnit || !isThere };
}

/** A test that starts other programs or takes longer than a second: `deno task test:unit` leaves it out. */
export function inFullSuite(): Skip {
  return { ignore: isUnit };
}

/** A test that only root can run, such as one that mounts a file system. */
export function needsRoot(): Skip {
  return skipUnless(Deno.uid() === 0, "tests that mount, or act as another user", "run them as root");
}

/** Leaves a test out where one of the reasons holds. */
export function skipIfAny(...skips: readonly Skip[]): Skip {
  return { ignore: skips.some(({ ignore }) => ignore) };
}
