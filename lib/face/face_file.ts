/** Face <-> file: a plain PNG that any program opens, with the facts in one JSON text chunk. */
import { createHash } from "node:crypto";
import { RejectedMessageError } from "../errors.ts";
import type { Picture } from "../image/crop.ts";
import { isJpeg, readJpeg } from "../image/jpeg.ts";
import { encodePng, isPng, readPng } from "../image/png.ts";
import type { FaceFacts, FaceFile } from "./face.ts";
import { readFacts } from "./read_facts.ts";

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

/** Reads any picture that arrived as a face. Throws a RejectedMessageError when it is neither a whole PNG nor a whole JPEG. */
export function readFace(bytes: Uint8Array<ArrayBuffer>): FaceFile {
  if (bytes.length === 0) throw new RejectedMessageError("an empty message");
  if (isPng(bytes)) {
    const { width, height, texts } = readPng(bytes);
    const facts = readFacts(texts.get(FACTS_KEYWORD));
    return { bytes, id: identity(bytes), width, height, contentType: "image/png", ...(facts && { facts }) };
  }
  if (isJpeg(bytes)) {
    return { bytes, id: identity(bytes), ...readJpeg(bytes), contentType: "image/jpeg" };
  }
  throw new RejectedMessageError("neither a PNG nor a JPEG");
}

/** The identity of a face: SHA-256 of its bytes, 64 hex digits. */
export function identity(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
