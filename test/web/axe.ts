/** Checks a page with axe-core: WCAG 2.2 AA and its best practices. */
import axe from "axe-core";
import type { Page } from "puppeteer-core";

/** What axe-core found wrong, one line for each rule and element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const { violations } = await (globalThis as any).axe.run();
    // deno-lint-ignore no-explicit-any
    return violations.flatMap(({ id, help, nodes }: any) =>
      // deno-lint-ignore no-explicit-any
      nodes.map(({ target, any }: any) => `${id}: ${help}: ${target} ${any[0]?.message ?? ""}`)
    );
  });
  return found as string[];
}
