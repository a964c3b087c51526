/** Checks a store with the real credentials: put, get, list, conditional put. The trial object is removed, or named. */
import { type Store, StoreError, TRIAL } from "../../store/store.ts";
import { ConfigError, messageOf } from "../../errors.ts";
import { openStoreOf } from "../store.ts";
import { placeOf } from "../../tls/probe_server.ts";
import { connectionFindings } from "./certificates.ts";
import type { Check, Finding } from "./finding.ts";
import type { Checked, CheckedSettings } from "./settings.ts";

const LIMIT_MS = 90_000;
/** Beside the trial of the programs, so that it is in nobody's way. The name is always the same: one object at most stays. */
const KEY = ".haarlem-doctor";
const NAME = "store";

/** A saver must put, a gallery must read; what the policy denies beyond that is a note. */
export function storeCheck(program: Extract<Checked, "saver" | "gallery">, settings: CheckedSettings): Check {
  return {
    name: NAME,
    limitMs: LIMIT_MS,
    async *run({ signal }) {
      const lacks: string[] = [];
      const options = { mayDelete: true, onUnsupported: (what: string) => lacks.push(what) };
      const store = openStoreOf({ ...settings, store: settings.store! }, options);
      if (!settings.store!.startsWith("s3:") && !await isThere(settings.store!)) {
        return yield missingFolder(program, settings.store!);
      }
      yield await listFinding(store, program, signal);
      yield* endpointFindings(settings.s3Endpoint, signal);
      if (program === "gallery") return;
      // With another server than AWS, the store itself tries conditional puts, with an object of its own.
      const keys = settings.s3Endpoint === undefined ? [KEY] : [KEY, TRIAL.key];
      yield* putFindings(store, keys, signal);
      for (const what of lacks) {
        yield { name: NAME, state: "note", text: `the store does not support ${what}` };
      }
    },
  };
}

/** How long the certificate of a server of one's own stays valid. */
async function* endpointFindings(endpoint: string | undefined, signal: AbortSignal): AsyncGenerator<Finding> {
  if (!endpoint?.startsWith("https:")) return;
  const place = placeOf(new URL(endpoint), 443);
  yield* connectionFindings(NAME, place, { server: "the S3 server" }, { signal });
}

async function isThere(folder: string): Promise<boolean> {
  return await Deno.stat(folder).then(() => true, () => false);
}

function missingFolder(program: Checked, folder: string): Finding {
  const text = `the folder "${folder}" does not exist`;
  if (program === "saver") return { name: NAME, state: "note", text: `${text} yet; the saver makes it` };
  return { name: NAME, state: "wrong", text, hint: "start the saver, or set --store to its folder" };
}

/** Lists the first object; the gallery also reads the beginning of it. */
async function listFinding(store: Store, program: Checked, signal: AbortSignal): Promise<Finding> {
  try {
    for await (const { key } of store.list({ signal })) {
      if (program === "gallery") await store.part(key, { at: "start", bytes: 1_024, signal });
      return { name: NAME, state: "ok", text: `${store.name}: list works` };
    }
    return { name: NAME, state: "ok", text: `${store.name}: list works, there is no object` };
  } catch (error) {
    if (!isDenied(error)) throw error;
    const text = `${store.name}: these credentials may not list or read`;
    if (program === "saver") return { name: NAME, state: "note", text: `${text}, which a saver need not` };
    return { name: NAME, state: "wrong", text, hint: "allow s3:ListBucket and s3:GetObject in the policy" };
  }
}

async function* putFindings(
  store: Store,
  keys: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  await store.put(KEY, TRIAL.bytes, TRIAL.info, { signal });
  yield { name: NAME, state: "ok", text: "put works" };
  try {
    yield await readFinding(store, signal);
    const isReplaced = await store.put(KEY, TRIAL.bytes, TRIAL.info, { signal, ifAbsent: true });
    yield isReplaced
      ? {
        name: NAME,
        state: "wrong",
        text: "a conditional put replaced an object",
        hint: "use {hash} in --key, and run one saver only",
      }
      : { name: NAME, state: "ok", text: "a conditional put keeps the object that exists" };
  } finally {
    yield* remove(store, keys, signal);
  }
}

/** Removes the trial objects, or names those that stay. */
async function* remove(store: Store, keys: readonly string[], signal: AbortSignal): AsyncGenerator<Finding> {
  const left: string[] = [];
  let why = "";
  for (const key of keys) {
    await store.delete!(key, { signal }).catch((error) => {
      left.push(`"${key}"`);
      why = messageOf(error);
    });
  }
  if (left.length === 0) return;
  const size = `${TRIAL.bytes.length} bytes each, the same names at every run`;
  yield { name: NAME, state: "note", text: `trial objects stay: ${left.join(", ")} (${size}): ${why}` };
}

async function readFinding(store: Store, signal: AbortSignal): Promise<Finding> {
  try {
    const bytes = await store.get(KEY, { signal, maxBytes: 4_096 });
    const isSame = bytes?.length === TRIAL.bytes.length &&
      bytes.every((byte, at) => byte === TRIAL.bytes[at]);
    if (isSame) return { name: NAME, state: "ok", text: "get returns what was put" };
    return {
      name: NAME,
      state: "wrong",
      text: "get does not return what was put",
      hint: "check the server behind --s3-endpoint",
    };
  } catch (error) {
    if (!isDenied(error)) throw error;
    return {
      name: NAME,
      state: "note",
      text: "these credentials may not get, which a saver with {hash} in --key need not",
    };
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof StoreError && error.status === 403 ||
    error instanceof ConfigError && /not allowed to read/.test(error.message);
}
