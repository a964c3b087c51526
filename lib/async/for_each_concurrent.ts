/**
 * Runs `task` on every item with at most `limit` tasks at a time; the next item is taken when a task ends.
 * After the first error, from a task or from `items`, no further item is taken. The error is thrown once the running
 * tasks have ended, even when the next item never arrives.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
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
    const run = task(next.value).catch(fail).finally(() => running.delete(run));
    running.add(run);
    if (running.size >= limit) await Promise.race(running);
  }
  await Promise.all(running);
  if (!failure) return;
  iterator.return?.().catch(() => {}); // Not awaited: it may be waiting for an item that never arrives.
  throw (failure as { error: unknown }).error;
}
