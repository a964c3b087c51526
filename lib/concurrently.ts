/**
 * Runs `task` on every item, at most `limit` at a time, taking the next item as soon as one is done.
 * The first error stops the taking; it is thrown when the tasks under way have ended.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const item of items) {
    const run = task(item).catch((error) => {
      failure ??= { error };
    }).finally(() => underWay.delete(run));
    underWay.add(run);
    if (underWay.size >= limit) await Promise.race(underWay);
    if (failure) break;
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
}
