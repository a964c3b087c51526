/** The nouns of notifications, and the contract of a service that carries them. */
import type { FaceFile } from "../face/face.ts";

/** The services, by the names of their settings. */
export const SERVICE_NAMES = ["ntfy", "telegram", "gotify", "pushover", "webhook", "command"] as const;
export type ServiceName = typeof SERVICE_NAMES[number];

/**
 * `visit`: somebody came. `update`: a better picture of a visit that was sent before. `summary`: visits that were not
 * sent one by one, because they were too old, too many, or in quiet hours.
 */
export type NotificationEvent = "visit" | "update" | "summary";

/** What all notifications of one face say about it, for machines. Absent fields are unknown. */
export interface FaceFacts {
  /** The identity of the face. */
  readonly id: string;
  readonly camera: string;
  readonly device?: string;
  /** RFC 3339. Third-party pictures have the time of their arrival. */
  readonly captured: string;
  /** Whether `captured` can be trusted. */
  readonly isTimeTrusted: boolean;
  /** Number of the visit since the start of the detector, and detections so far. */
  readonly visit?: number;
  readonly detections?: number;
  readonly why?: string;
  readonly score?: number;
  /** The object key, where the face alone decides it. */
  readonly key?: string;
}

/** What a summary says, for machines. */
export interface SummaryFacts {
  readonly visits: number;
  /** RFC 3339 times of the first and of the last visit. */
  readonly from: string;
  readonly to: string;
  /** Number of visits by camera. */
  readonly cameras: Readonly<Record<string, number>>;
}

/** One notification. */
export interface Notification {
  readonly event: NotificationEvent;
  /** The same for a visit and its updates: 1 to 64 letters, digits, `_` and `-`. */
  readonly key: string;
  readonly title: string;
  readonly text: string;
  /** Opened by a click on the notification. */
  readonly link?: string;
  readonly face?: FaceFacts;
  readonly summary?: SummaryFacts;
  /** Absent where the picture was dropped for lack of memory, or the service rejected it. */
  readonly picture?: Pick<FaceFile, "bytes" | "contentType" | "width" | "height">;
  /** Of an update: what `send` returned for the visit. */
  readonly reference?: string;
}

/** A service that carries notifications. service_contract_test.ts runs the contract on every service. */
export interface Service {
  readonly name: ServiceName;
  /** Where it is, for the log: holds no secret. */
  readonly address: string;
  /** Whether it can replace the picture of a message silently. Without it, it gets no updates. */
  readonly canUpdate: boolean;
  /**
   * Sends one notification, within its own time limit. Returns a reference for updates where there can be any.
   * Throws a {@link ServiceError} when it should be tried again, and a RejectedMessageError when this one can never be
   * sent, or not with its picture. Messages of errors hold no secret.
   */
  send(notification: Notification, options: { signal: AbortSignal }): Promise<string | undefined>;
}

/** The service cannot take a notification now: it is away, busy, or refuses this client. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  /** @param options.retryAfterMs the service asks for no request before. @param options.hint an imperative. */
  constructor(
    message: string,
    readonly options: { readonly retryAfterMs?: number; readonly hint?: string } = {},
  ) {
    super(message);
  }
}
