/** Writes the kernel's tables: a part of a memory is allocated record by record, fields are set at their offsets. */
export class TableWriter {
  readonly #view: DataView;
  #end: number;

  /** @param start the address in `buffer` where the first record goes */
  constructor(buffer: ArrayBufferLike, readonly start: number) {
    this.#view = new DataView(buffer);
    this.#end = start;
  }

  /** The first address that is not allocated. */
  get end(): number {
    return this.#end;
  }

  /**
   * The address of a new record, a multiple of `alignment`. Bytes that are never set may hold anything in a memory that
   * was used before. Throws a RangeError beyond the end of the buffer.
   */
  allocate(bytes: number, alignment = 4): number {
    this.align(alignment);
    const at = this.#end;
    this.#end += bytes;
    if (this.#end > this.#view.byteLength) {
      throw new RangeError("a table of the kernel is larger than planned");
    }
    return at;
  }

  /** Moves the end to the next multiple of `alignment`. */
  align(alignment: number): void {
    this.#end = Math.ceil(this.#end / alignment) * alignment;
  }

  /** Everything allocated, not copied. */
  written(): Uint8Array {
    return new Uint8Array(this.#view.buffer, this.start, this.#end - this.start);
  }

  uint8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  int16(at: number, value: number): void {
    this.#view.setInt16(at, value, true);
  }

  int32(at: number, value: number): void {
    this.#view.setInt32(at, value, true);
  }

  float32(at: number, value: number): void {
    this.#view.setFloat32(at, value, true);
  }
}
