/**
 * The last face of a camera for Home Assistant, published as it is taken: while no broker is connected it is dropped, so
 * that a face of the backlog is never shown as a new one. The facts come first: the picture makes automations run.
 */
import type { Bus } from "../bus/bus.ts";
import type { FaceFile } from "../face/face.ts";
import type { homeTopics } from "../face/topics.ts";

/** Maximum number of faces that wait while the broker is slow; beyond it the oldest is dropped. */
const MAX_WAITING = 4;

export class FaceFeed {
  readonly #waiting: FaceFile[] = [];
  #isSending = false;

  constructor(
    private readonly bus: Bus,
    private readonly topics: Pick<ReturnType<typeof homeTopics>, "face" | "faceAttributes">,
  ) {}

  /** Publishes a face. Does not wait for the broker. */
  show(face: FaceFile): void {
    if (!this.bus.connected) return;
    if (this.#waiting.push(face) > MAX_WAITING) this.#waiting.shift();
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let face = this.#waiting.shift(); face; face = this.#waiting.shift()) {
        const facts = new TextEncoder().encode(JSON.stringify(factsOf(face)));
        await this.bus.publish(this.topics.faceAttributes, facts, { qos: 1 });
        await this.bus.publish(this.topics.face, face.bytes, { qos: 1 });
      }
    } catch {
      this.#waiting.length = 0; // The bus reports that the broker is away. These faces are no longer new.
    } finally {
      this.#isSending = false;
    }
  }
}

/** What an automation may need of a face. Its identity leads to the object in the store. */
function factsOf({ id, metadata }: FaceFile) {
  const { camera, device, captured, sequence, score, visit } = metadata!;
  return { camera, device, captured, id, sequence, score, visit };
}
