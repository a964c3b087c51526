/**
 * Gives each test a limit of HAARLEM_TEST_LIMIT_S seconds; test/run.ts loads this before the test files. `deno test`
 * has no limit, so one test that never ends would keep all that come after it from running.
 */
import { startLimit } from "../lib/async/limit.ts";

const LIMIT_S = Number(Deno.env.get("HAARLEM_TEST_LIMIT_S"));

type TestFunction = (context: Deno.TestContext) => void | Promise<void>;

function limited(test: TestFunction): TestFunction {
  return async (context) => {
    const never = Promise.withResolvers<never>();
    const cancel = startLimit(LIMIT_S * 1000, () => {
      // `deno test` shows this file as the place of the test.
      never.reject(new Error(`"${context.name}" of ${context.origin} did not end within ${LIMIT_S} s`));
    });
    try {
      await Promise.race([test(context), never.promise]);
    } finally {
      cancel();
    }
  };
}

/** The arguments of `Deno.test`, the last of which is the test or has it as `fn`. */
function withLimit(args: unknown[]): unknown[] {
  const last = args.at(-1) as TestFunction | Deno.TestDefinition;
  const replaced = typeof last === "function" ? limited(last) : { ...last, fn: limited(last.fn) };
  return [...args.slice(0, -1), replaced];
}

const { test } = Deno as { test: (...args: unknown[]) => void };
Object.assign(Deno, { test: Object.assign((...args: unknown[]) => test(...withLimit(args)), test) });
