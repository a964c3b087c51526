/**
 * Decides which faces become notifications: of each visit the first face that arrives and is stored, then its best one
 * as an update. A `still` face counts as the first one only where no earlier one can have been sent. A face is known by
 * its identity, so a copy of it, or of its receipt, changes nothing.
 */
import { identity, readFace } from "../face/face_file.ts";
import type { KeyTemplate } from "../face/object_key.ts";
import { parseReceipts } from "../face/receipt.ts";
import { RejectedMessageError } from "../errors.ts";
import { RecentMap } from "../recent_map.ts";
import { type Clocks, FaceAges } from "./face_ages.ts";
import { type NoticedFace, noticedFace, withoutPicture } from "./noticed_face.ts";
import { MAX_VISITS, type NoticeState } from "./notice_state.ts";
import type { ServiceName } from "./notification.ts";
import { type Routes, servicesOf } from "./routes.ts";
import type { Sender } from "./sender.ts";
import { UnstoredFaces } from "./unstored_faces.ts";

/** What the decisions depend on. */
export interface NoticesOptions {
  readonly clocks: Clocks;
  readonly template: KeyTemplate;
  readonly routes: Routes;
  /** Whether pictures are kept and sent; true by default. */
  readonly pictures?: boolean;
  readonly state: NoticeState;
  readonly senders: ReadonlyMap<ServiceName, Pick<Sender, "visit" | "update">>;
  readonly unstored?: UnstoredFaces;
}

export class Notices {
  readonly #ages: FaceAges;
  readonly #unstored: UnstoredFaces;
  readonly #startMs: number;
  /** When the latest visits were last seen, milliseconds; the oldest is forgotten first, as in the state. */
  readonly #seenMs = new RecentMap<string, number>(MAX_VISITS);

  constructor(private readonly options: NoticesOptions) {
    this.#ages = new FaceAges(options.clocks);
    this.#unstored = options.unstored ?? new UnstoredFaces();
    this.#startMs = options.clocks.monotonicMs();
  }

  /** Number of faces without a receipt. */
  get unstored(): number {
    return this.#unstored.size;
  }

  /** Takes the payload of a face. Returns whether it is a new one that may become a notification. */
  face(payload: Uint8Array<ArrayBuffer>): boolean {
    const id = identity(payload);
    const { clocks, template, state, pictures = true } = this.options;
    if (state.has(id) || this.#unstored.has(id)) return false;
    let noticed: NoticedFace;
    try {
      noticed = noticedFace(readFace(payload), { ages: this.#ages, clocks, template });
    } catch (error) {
      if (error instanceof RejectedMessageError) return false; // The saver rejects it too.
      throw error;
    }
    const stored = this.#unstored.add(pictures ? noticed : withoutPicture(noticed));
    if (stored) this.#notify(stored);
    return true;
  }

  /** Takes the payload of a message with receipts. */
  receipts(payload: Uint8Array): void {
    for (const { id, refused } of parseReceipts(payload)) {
      if (this.options.state.has(id)) continue;
      if (refused !== undefined) {
        this.#unstored.remove(id);
        continue;
      }
      const face = this.#unstored.stored(id);
      if (face) this.#notify(face);
    }
  }

  #notify(arrived: NoticedFace): void {
    const { state, senders, routes, clocks } = this.options;
    const { facts, visit } = arrived;
    state.add(facts.id);
    // A `first` face has no earlier one.
    const otherKeys = facts.why === "first" ? [] : visit?.otherKeys ?? [];
    const known = [arrived.visitKey, ...otherKeys].find((key) => state.visits.has(key));
    const isNew = known === undefined;
    if (isNew && facts.why === "still" && this.#mayBeForgotten(visit!.beganMs)) return;
    const face = { ...arrived, visitKey: known ?? arrived.visitKey };
    if (visit) {
      state.visits.set(face.visitKey, state.visits.get(face.visitKey) ?? {}); // Again, as the latest one.
      this.#seenMs.set(face.visitKey, clocks.monotonicMs());
    }
    if (!isNew && facts.why !== "best") return;
    for (const name of servicesOf(routes, facts.camera, [...senders.keys()])) {
      const sender = senders.get(name);
      if (isNew) sender?.visit(face);
      else sender?.update(face);
    }
  }

  /** Whether a visit that is not known may have been sent before our start, of which no file tells, or before 500 others. */
  #mayBeForgotten(beganMs: number): boolean {
    if (this.options.state.isComplete) return false;
    const [oldestMs] = this.#seenMs.values();
    return beganMs < (this.#seenMs.size < MAX_VISITS ? this.#startMs : oldestMs);
  }
}
