/** Allocates the memory of the kernels' WebAssembly modules. */

/** Bytes of a page of WebAssembly memory. */
export const PAGE_BYTES = 65536;
/** Bytes of a line of the processor's cache. */
export const LINE_BYTES = 64;

/** Allocates consecutive parts of a memory. Each begins at a cache line. */
export class BumpAllocator {
  /** @param end the first free byte */
  constructor(public end: number) {}

  /** The address of a part of this many bytes. */
  allocate(bytes: number): number {
    const at = Math.ceil(this.end / LINE_BYTES) * LINE_BYTES;
    this.end = at + bytes;
    return at;
  }
}

/** Grows the memory to at least this many bytes. */
export function growMemory({ memory }: { readonly memory: WebAssembly.Memory }, bytes: number): void {
  const missing = Math.ceil(bytes / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) memory.grow(missing);
}
