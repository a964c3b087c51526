/**
 * The snapshot address of a camera, beside its stream. A picture is requested when one is to be held, at most twice a
 * second: holders that come in the meantime share the next request.
 */
import { delay } from "../async/delay.ts";
import { FatalError, messageOf } from "../errors.ts";
import type { HeldPicture } from "../image/frame.ts";
import { decodePicture } from "./decode_picture.ts";
import type { HttpPictures } from "./http_picture.ts";
import { HeldPictures, type OnMain } from "./main_pictures.ts";

/** Minimum time between the starts of two requests. */
const INTERVAL_MS = 500;
/** Timeout of one request. A picture that comes later does not show the same person. */
const ANSWER_LIMIT_MS = 5_000;

/** A picture, undecoded. */
interface Snapshot {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly arrivedMs: number;
}

/** A request, which may not have begun yet. */
interface Request {
  readonly snapshot: Promise<Snapshot>;
  /** Number of holders that wait for it. It is not sent without any. */
  holders: number;
}

export interface PolledPicturesOptions {
  /** The address without passwords, for messages. */
  readonly name: string;
  readonly pictures: Pick<HttpPictures, "next">;
  /** ffmpeg's filters for each picture. */
  readonly filters: readonly string[];
  readonly onChange: OnMain;
  /** Ends all requests. */
  readonly signal: AbortSignal;
  readonly held?: HeldPictures;
  readonly nowMs?: () => number;
  readonly wait?: typeof delay;
}

/** Pictures of a snapshot address on demand. */
export class PolledPictures {
  readonly #held: HeldPictures;
  readonly #nowMs: () => number;
  /** The request that has not begun; a picture that is held now comes with it. */
  #next: Request | undefined;
  /** Resolves when the last request is answered and the next one may begin. */
  #pause: Promise<void> = Promise.resolve();

  constructor(private readonly options: PolledPicturesOptions) {
    this.#held = options.held ?? new HeldPictures();
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Requests a picture of now, and keeps it. */
  hold(): HeldPicture {
    const request = this.#next ??= this.#request();
    const { name, filters } = this.options;
    let snapshot: Snapshot | undefined;
    let isDropped = false;
    const held = {
      memory: () => snapshot ? [[snapshot.bytes, snapshot.bytes.length] as const] : [],
      drop: () => {
        isDropped = true;
        snapshot = undefined;
      },
    };
    request.holders++;
    this.#held.add(held);
    const kept = request.snapshot.then((answer) => {
      if (isDropped) return;
      snapshot = answer;
      this.#held.check();
    });
    kept.catch(() => {}); // Thrown when it is decoded.
    return {
      decode: async ({ signal }) => {
        await kept;
        if (!snapshot) throw new FatalError("too many pictures were held");
        const { bytes, arrivedMs } = snapshot;
        return [{ ...await decodePicture(name, bytes, { signal, filters }), sourceTimeMs: arrivedMs }];
      },
      release: () => {
        request.holders--;
        held.drop();
        this.#held.delete(held);
      },
    };
  }

  #request(): Request {
    const request: Request = { snapshot: this.#pause.then(() => this.#send(request)), holders: 0 };
    request.snapshot.catch(() => {}); // Perhaps nobody waits for it any more.
    return request;
  }

  async #send(request: Request): Promise<Snapshot> {
    this.#next = undefined;
    const { signal, pictures, onChange, wait = delay } = this.options;
    if (request.holders === 0) throw new FatalError("the picture is not needed any more");
    const pause = Promise.withResolvers<void>();
    this.#pause = pause.promise;
    const beganMs = this.#nowMs();
    try {
      const bytes = await pictures.next({ signal, limitMs: ANSWER_LIMIT_MS });
      onChange();
      return { bytes: bytes!, arrivedMs: this.#nowMs() };
    } catch (error) {
      const fault = error instanceof FatalError ? error : new FatalError(messageOf(error));
      if (!signal.aborted) onChange(fault);
      throw fault;
    } finally {
      const restMs = beganMs + INTERVAL_MS - this.#nowMs();
      void (restMs > 0 ? wait(restMs, { signal }) : Promise.resolve()).then(pause.resolve);
    }
  }
}
