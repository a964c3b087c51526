/** When the demo cuts the way to the cloud: by the keys, and once by itself. */

/** What is cut. */
interface Link {
  readonly isCut: boolean;
  cut(): void;
  mend(): void;
}

/** The demo shows some faces first: time from the first stored face to the cut. Most of the sample's people pass then. */
export const AFTER_MS = 30_000;
/** How long the way is cut. */
export const CUT_MS = 10_000;

/** Cuts and mends a link. */
export class CloudCut {
  /** When a cut that was not made by a key ends. */
  #untilMs: number | undefined;
  /** The cut that the demo makes by itself is still to come. */
  #isPlanned: boolean;

  constructor(
    private readonly link: Link,
    private readonly options: {
      /** Whether the demo cuts the link once by itself. */
      readonly byItself: boolean;
      /** When the first face was stored. */
      readonly firstStoredMs: () => number | undefined;
      /** Called after each change, with the seconds until the link is mended, if that is known. */
      readonly onChange: (change: { readonly isCut: boolean; readonly seconds?: number }) => void;
      readonly nowMs?: () => number;
    },
  ) {
    this.#isPlanned = options.byItself;
  }

  /** Cuts the link until `mend`. The demo does not do so by itself any more. */
  cut(): void {
    this.#isPlanned = false;
    const wasCut = this.link.isCut && this.#untilMs === undefined;
    this.#untilMs = undefined;
    if (wasCut) return;
    this.link.cut();
    this.options.onChange({ isCut: true });
  }

  mend(): void {
    this.#untilMs = undefined;
    if (!this.link.isCut) return;
    this.link.mend();
    this.options.onChange({ isCut: false });
  }

  /** Begins and ends the planned cut when its time has come. Call it several times a second. */
  tick(): void {
    const firstMs = this.options.firstStoredMs();
    if (this.#isPlanned && firstMs !== undefined && this.#nowMs() >= firstMs + AFTER_MS) {
      this.#isPlanned = false;
      this.#untilMs = this.#nowMs() + CUT_MS;
      this.link.cut();
      this.options.onChange({ isCut: true, seconds: CUT_MS / 1000 });
    }
    if (this.#untilMs !== undefined && this.#nowMs() >= this.#untilMs) this.mend();
  }

  /** Seconds until the link is mended by itself; nothing when a key has to do it. */
  get secondsLeft(): number | undefined {
    return this.#untilMs === undefined ? undefined : Math.ceil((this.#untilMs - this.#nowMs()) / 1000);
  }

  #nowMs(): number {
    return (this.options.nowMs ?? (() => performance.now()))();
  }
}
