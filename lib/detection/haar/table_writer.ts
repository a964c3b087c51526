/** Writes the kernel's tables: little-endian numbers one after the other. */
export class TableWriter {
  #view: DataView;
  #at: number;

  /** @param start the address in `memory` where the first number goes. */
  constructor(memory: WebAssembly.Memory, readonly start: number) {
    this.#view = new DataView(memory.buffer);
    this.#at = start;
  }

  /** The address after the last number. */
  get end(): number {
    return this.#at;
  }

  /** Goes on at the next multiple of `bytes`. */
  align(bytes: number): void {
    this.#at = Math.ceil(this.#at / bytes) * bytes;
  }

  int16(...values: number[]): void {
    for (const value of values) {
      this.#view.setInt16(this.#at, value, true);
      this.#at += 2;
    }
  }

  int32(...values: number[]): void {
    for (const value of values) {
      this.#view.setInt32(this.#at, value, true);
      this.#at += 4;
    }
  }

  float32(...values: number[]): void {
    for (const value of values) {
      this.#view.setFloat32(this.#at, value, true);
      this.#at += 4;
    }
  }

  float64(value: number): void {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }
}
