/** Reads the state folder of an earlier start, and continues its numbers or begins a new epoch. */
import type { FaceFiles, FoundFace } from "./face_files.ts";
import { nameOf } from "./face_files.ts";
import type { Ledger } from "./ledger.ts";
import type { Numbers } from "./numbers.ts";
import type { SpareFiles } from "./spare_files.ts";
import type { StateFolder } from "./state_folder.ts";
import type { WaitingFace, WaitingFaces } from "./waiting_faces.ts";

/** The parts of an outbox. */
export interface StateParts {
  readonly state: StateFolder;
  readonly files: FaceFiles;
  readonly numbers: Numbers;
  readonly ledger: Ledger;
  readonly spares: SpareFiles;
}

const LEDGER = "ledger.jsonl";
/** The epoch of faces whose epoch is lost. */
const UNKNOWN_EPOCH = "unknown";
/** Maximum number of faces that are read to find the folder's epoch. */
const MAX_READ = 100;

const NOTHING: Awaited<ReturnType<Numbers["read"]>> = { inMemory: [] };

/**
 * Locks the state folder and reads it. Returns the waiting faces. The numbers continue, or, where the highest one is
 * unknown, a new epoch begins. Where the disk cannot be written, the caller has to call `beginEpoch` later. Throws when
 * the folder or the faces in it cannot be read.
 */
export async function readState(parts: StateParts): Promise<WaitingFace[]> {
  const { state, files, numbers, ledger, spares } = parts;
  await state.open();
  const { faces, unusable, highest, isNew } = await files.open();
  // What cannot be set aside on this disk stays; reading or writing it fails later.
  for (const name of [LEDGER, `${LEDGER}.old`]) await state.file(name).catch(() => {});
  if (await ledger.isDamaged()) await state.setAside(LEDGER, "damaged content").catch(() => {});
  await spares.open().catch(() => {});
  const { epoch, used, inMemory } = await numbers.read().catch(() => NOTHING);
  let epochOfFaces = epoch ?? await epochIn(faces, files);
  if (epoch !== undefined && used !== undefined && !isNew) {
    await numbers.resume(epoch, Math.max(used, highest));
  } else if (epochOfFaces === undefined) {
    // No face has an epoch in its metadata, so the faces may count as faces of the new one.
    await begin(parts, highest).catch(() => {});
    epochOfFaces = numbers.epochOnDisk ?? UNKNOWN_EPOCH;
  }
  // On a small disk the numbers must get their space before the ledger.
  await ledger.open();
  if (epoch !== undefined) await recordLostInMemory(inMemory, faces, epoch, ledger);
  const reason = "not a face's file in the outbox";
  await Promise.all(unusable.map(({ epoch = epochOfFaces!, sequence, id }) => {
    return ledger.record({ epoch, sequence, id, reason, sent: true });
  }));
  const nowMs = performance.now();
  return faces.map(({ name, epoch = epochOfFaces!, ageMs, ...face }) => {
    return { ...face, epoch, capturedMs: nowMs - ageMs, file: name };
  });
}

/** Begins a new epoch. The waiting faces keep theirs: their files are renamed first, to include it. */
export async function beginEpoch(faces: WaitingFaces, parts: StateParts): Promise<void> {
  for (const face of Array.from(faces.values())) {
    const name = nameOf(face, undefined);
    if (face.file === undefined || face.file === name) continue;
    await parts.files.rename(face.file, name);
    faces.replace(face, { ...face, file: name });
  }
  await begin(parts, 0);
}

async function begin({ state, numbers, ledger }: StateParts, used: number): Promise<void> {
  const isFirst = state.damages === 0 && !await state.has("epoch");
  for (const name of ["epoch", "sequence"]) await state.file(name);
  await numbers.begin(used);
  if (!isFirst) await ledger.note({ epoch: numbers.epoch, began: used + 1 });
}

/** Records the faces that had no file when the program ended: they are lost, or stored. */
async function recordLostInMemory(
  numbers: readonly number[],
  faces: readonly FoundFace[],
  epoch: string,
  ledger: Ledger,
): Promise<void> {
  const inFiles = new Set(faces.filter((face) => face.epoch === undefined).map(({ sequence }) => sequence));
  const gone = numbers.filter((number) => !inFiles.has(number));
  const reason = "only in memory when the program ended";
  await Promise.all(gone.map((sequence) => ledger.record({ epoch, sequence, reason, sent: true })));
}

async function epochIn(faces: readonly FoundFace[], files: FaceFiles): Promise<string | undefined> {
  for (const face of faces.filter(({ epoch }) => epoch === undefined).slice(-MAX_READ)) {
    const epoch = await files.epochIn(face);
    if (epoch !== undefined) return epoch;
  }
}
