/**
 * Runs `task` on every item, at most `limit` at a time, taking the next item as soon as one is done.
 * The first error, of a task or of the items, stops the taking at once, also while the next item is waited for; it is
 * thrown when the tasks under way have ended.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let stopWaiting = () => {};
  const fail = (error: unknown) => {
    failure ??= { error };
    stopWaiting();
  };
  const iterator = items[Symbol.asyncIterator]();
  while (!failure) {
    const next = await new Promise<IteratorResult<T> | undefined>((resolve) => {
      stopWaiting = () => resolve(undefined);
      iterator.next().then(resolve, fail);
    });
    if (!next || next.done) break;
    const run = task(next.value).catch(fail).finally(() => underWay.delete(run));
    underWay.add(run);
    if (underWay.size >= limit) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (!failure) return;
  iterator.return?.().catch(() => {}); // Not waited for: it may be waiting for an item that never comes.
  throw (failure as { error: unknown }).error;
}
