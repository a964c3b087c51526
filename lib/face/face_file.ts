/** Face <-> file: a plain PNG that any program opens, with the facts in one JSON text chunk. */
import { createHash } from "node:crypto";
import { Refusal } from "../errors.ts";
import type { Picture } from "../image/crop.ts";
import { isJpeg, readJpeg } from "../image/jpeg.ts";
import { encodePng, isPng, readPng } from "../image/png.ts";
import type { ClockFacts, FaceFacts, FaceFile } from "./face.ts";

const FACTS_KEYWORD = "haarlem";

/** Writes picture and facts as one PNG. */
export function writeFace(picture: Picture, facts: FaceFacts): FaceFile {
  const bytes = encodePng(picture, [
    ["Creation Time", facts.captured],
    ["Software", "Haarlem"],
    ["Source", facts.camera],
    [FACTS_KEYWORD, JSON.stringify(facts)],
  ]);
  const { width, height } = picture;
  return { bytes, id: identity(bytes), width, height, contentType: "image/png", facts };
}

/** Reads any picture that arrived as a face. Throws a Refusal when it is neither a whole PNG nor a whole JPEG. */
export function readFace(bytes: Uint8Array<ArrayBuffer>): FaceFile {
  if (bytes.length === 0) throw new Refusal("an empty message");
  if (isPng(bytes)) {
    const { width, height, texts } = readPng(bytes);
    const facts = parseFacts(texts.get(FACTS_KEYWORD));
    return { bytes, id: identity(bytes), width, height, contentType: "image/png", ...(facts && { facts }) };
  }
  if (isJpeg(bytes)) {
    return { bytes, id: identity(bytes), ...readJpeg(bytes), contentType: "image/jpeg" };
  }
  throw new Refusal("neither a PNG nor a JPEG");
}

/** The identity of a face: SHA-256 of its bytes, 64 hex digits. */
export function identity(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The facts, or nothing when a stranger wrote something else under our keyword: they become names and headers. */
function parseFacts(json: string | undefined): FaceFacts | undefined {
  if (json === undefined) return undefined;
  let facts: FaceFacts;
  try {
    facts = JSON.parse(json);
  } catch {
    return undefined;
  }
  const wellFormed = typeof facts === "object" && facts !== null &&
    [facts.camera, facts.device, facts.epoch].every(isName) && isTime(facts.captured) &&
    Number.isSafeInteger(facts.sequence) && facts.sequence > 0 &&
    [facts.box, facts.crop].every((box) =>
      [box?.x, box?.y, box?.width, box?.height].every(Number.isFinite)
    ) &&
    [facts.frame?.width, facts.frame?.height].every(Number.isFinite);
  if (!wellFormed) return undefined;
  if (facts.clock === undefined || isClock(facts.clock)) return facts;
  const { clock: _nonsense, ...others } = facts;
  return others;
}

function isClock(clock: ClockFacts | null): boolean {
  const corrected = clock?.corrected;
  return isSynchronised(clock?.synchronised) && isName(clock?.bootId) &&
    Number.isFinite(clock?.monotonicMs) &&
    (corrected === undefined ||
      isTime(corrected?.from) && Number.isFinite(corrected.byMs) &&
        isSynchronised(corrected.synchronised) && typeof corrected.exact === "boolean");
}

function isSynchronised(text: unknown): boolean {
  return text === "yes" || text === "no" || text === "unknown";
}

function isName(text: unknown): boolean {
  return typeof text === "string" && /^[\w-]{1,64}$/.test(text);
}

/** As `Date.toISOString` writes the years 0 to 9999. */
function isTime(text: unknown): boolean {
  return typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) &&
    !Number.isNaN(Date.parse(text));
}
