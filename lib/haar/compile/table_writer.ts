/** Writes the kernel's tables: little-endian numbers one after the other, each aligned to its size. */
export class TableWriter {
  readonly #int16: Int16Array;
  readonly #int32: Int32Array;
  readonly #float32: Float32Array;
  #at: number;

  /** @param start the address in `buffer` where the first number goes. */
  constructor(buffer: ArrayBufferLike, readonly start: number) {
    this.#int16 = new Int16Array(buffer);
    this.#int32 = new Int32Array(buffer);
    this.#float32 = new Float32Array(buffer);
    this.#at = start;
  }

  /** The address after the last number. */
  get end(): number {
    return this.#at;
  }

  /** Everything from the start on, not copied. */
  written(): Uint8Array {
    return new Uint8Array(this.#int16.buffer, this.start, this.#at - this.start);
  }

  /** Goes on at the next multiple of `bytes`. */
  align(bytes: number): void {
    this.#at = Math.ceil(this.#at / bytes) * bytes;
  }

  int16(value: number): void {
    this.#int16[this.#at >> 1] = value;
    this.#at += 2;
  }

  int32(value: number): void {
    this.#int32[this.#at >> 2] = value;
    this.#at += 4;
  }

  float32(value: number): void {
    this.#float32[this.#at >> 2] = value;
    this.#at += 4;
  }
}
