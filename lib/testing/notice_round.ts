/** Faces of visits, and notices whose services only note what they get. For tests. */
import assert from "node:assert/strict";
import type { FaceMetadata } from "../face/face.ts";
import { writeFace } from "../face/face_file.ts";
import { DEFAULT_KEY, KeyTemplate } from "../face/object_key.ts";
import { formatReceipts } from "../face/receipt.ts";
import { METADATA } from "./face_metadata.ts";
import type { NoticedFace } from "../notify/noticed_face.ts";
import { Notices } from "../notify/notices.ts";
import { NoticeState } from "../notify/notice_state.ts";
import type { ServiceName } from "../notify/notification.ts";
import { parseRoutes } from "../notify/routes.ts";
import { UnstoredFaces } from "../notify/unstored_faces.ts";

export const NOW = "2026-11-26T12:00:00.000Z";
const BOOT = "2026-11-26T10:00:00.000Z";
export const PICTURE = { width: 4, height: 3, rgb: new Uint8Array(36) };
export type Why = "first" | "still" | "best";

/** A face of a visit that began at a time. */
export function faceOf(
  visit: number,
  why: Why,
  { camera = "front", began = NOW, captured = NOW, ...more } = {},
) {
  const of: FaceMetadata = {
    ...METADATA,
    clock: { ...METADATA.clock!, synchronised: "yes", monotonicMs: Date.parse(captured) - Date.parse(BOOT) },
    camera,
    captured,
    score: why === "best" ? 0.9 : 0.5,
    visit: { number: visit, detections: 2, began, last: captured, why },
    ...more,
  };
  return writeFace(PICTURE, of);
}

/** Notices whose services only note what they get, as `visit ntfy front 1 first`. */
export async function round(
  { routes = "", folder, unstored, pictures }: {
    routes?: string;
    folder?: string;
    unstored?: UnstoredFaces;
    pictures?: boolean;
  } = {},
) {
  const said: string[] = [];
  const faces: NoticedFace[] = [];
  const sender = (name: ServiceName) => {
    const note = (event: string) => (face: NoticedFace) => {
      const { camera, visit, why } = face.facts;
      said.push(`${event} ${name} ${camera} ${visit ?? "-"} ${why ?? "-"}`);
      faces.push(face);
    };
    return { visit: note("visit"), update: note("update") };
  };
  const clock = { wallMs: Date.parse(NOW), monotonicMs: 5_000 };
  const state = await NoticeState.open({ folder, onDisk: (reason) => assert.equal(reason, undefined) });
  const notices = new Notices({
    clocks: { wallMs: () => clock.wallMs, monotonicMs: () => clock.monotonicMs },
    template: new KeyTemplate(DEFAULT_KEY),
    routes: parseRoutes(routes),
    state,
    senders: new Map([["ntfy", sender("ntfy")], ["webhook", sender("webhook")]]),
    unstored,
    pictures,
  });
  const stored = (...ids: string[]) => notices.receipts(formatReceipts(ids.map((id) => ({ id }))));
  return { notices, state, said, faces, clock, stored };
}
