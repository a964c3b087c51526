/** Ends a stream with the session that opened it. */

/**
 * Passes the chunks of `stream` on, and ends it before the first chunk for which `isOpen` returns false. An event stream
 * has a chunk every 15 s, so that it ends at most this long after its session.
 */
export function untilClosed(
  stream: ReadableStream<Uint8Array>,
  isOpen: () => boolean,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (!done && isOpen()) return controller.enqueue(value);
      if (!done) await reader.cancel();
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
