/**
 * The gallery's answers, and how the page asks for them. Times are milliseconds since 1970, UTC. All texts are
 * untrusted: they become text nodes and attributes, never markup.
 *
 * @typedef {object} Face one picture of a visit
 * @property {string} key object key
 * @property {string} url of the picture, relative to the page
 * @property {string} thumb URL of a picture of at most 384 pixels
 * @property {number} ms capture time
 * @property {"first" | "still" | "best" | null} why it was sent; null for a face without a visit
 * @property {number | null} score quality, from 0 to 1
 * @property {number | null} width in pixels
 * @property {number | null} height in pixels
 * @property {number | null} size in bytes
 *
 * @typedef {object} Visit one person passing a camera, or one face without a visit
 * @property {string} id
 * @property {string} camera
 * @property {string | null} device name of the board
 * @property {number} ms the time that orders it
 * @property {number} began
 * @property {number} last
 * @property {number | null} detections null for a face without a visit
 * @property {Face[]} faces oldest first, at most 50
 * @property {number} count of all its pictures
 * @property {number} best index in `faces`
 *
 * @typedef {object} Day
 * @property {string} store name of the store
 * @property {number} from
 * @property {number} to
 * @property {boolean} complete false while the gallery still reads metadata
 * @property {number} faces
 * @property {number} visits
 * @property {number[]} quarters visits in each quarter of an hour
 * @property {{ name: string, visits: number, faces: number }[]} cameras without the filter
 * @property {{ cameras: number, visits: number }} others cameras that are not named
 *
 * @typedef {{ from: number, to: number, faces: number }} DayWithFaces
 *
 * @typedef {object} Camera
 * @property {string} name
 * @property {string | null} device
 * @property {"good" | "warning" | "trouble" | "unknown"} state
 * @property {string | null} reason
 * @property {number | null} framesPerSecond
 * @property {number | null} lastFrame time of the last frame
 * @property {number | null} waiting faces in the outbox
 * @property {number | null} oldestWaiting time of the oldest of them
 * @property {"yes" | "no" | "unknown"} clock whether a time server keeps it right
 * @property {string | null} version
 * @property {number} seen time of its last report
 *
 * @typedef {{ broker: "connected" | "away" | "none", since?: number, cameras: Camera[] }} Cameras
 * @typedef {{ allow: string[], token: boolean, expires: number | null, version: string, name: string }} Session
 * @typedef {{ from: number, to: number, cameras: readonly string[], before?: string | null, limit?: number }} Range
 */

/** The answer that a request failed with. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{ status?: number, hint?: string }} [options] status 0: no answer at all
   */
  constructor(message, { status = 0, hint } = {}) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/**
 * Sends a request. Without a session the browser goes to the login page.
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function send(path, options = {}) {
  const response = await fetch(path, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new ApiError("the gallery does not answer");
  });
  if (response.ok) return response;
  if (response.status === 401) {
    const page = location.pathname.endsWith("/cameras") ? "cameras" : "";
    location.assign(`login?${new URLSearchParams({ next: page + location.search })}`);
  }
  const text = await response.text().catch(() => "");
  const { error, hint } = failureIn(text, response.headers.get("content-type") ?? "");
  const message = error ?? `the gallery answered with status ${response.status}`;
  throw new ApiError(message, { status: response.status, hint });
}

/**
 * What a failed response says: JSON of the API, or the text of a picture's address; nothing in a page of a proxy.
 * @param {string} text
 * @param {string} type
 * @returns {{ error?: string, hint?: string }}
 */
function failureIn(text, type) {
  if (type.startsWith("text/plain")) return { error: text.trim() || undefined };
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
async function ask(path, options) {
  return await (await send(path, options)).json().catch(() => ({}));
}

/**
 * @param {string} method
 * @param {unknown} body
 */
function sending(method, body) {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** @param {Range} range */
function query({ from, to, cameras, before, limit }) {
  const params = new URLSearchParams({ from: String(Math.floor(from)), to: String(Math.floor(to)) });
  for (const camera of cameras) params.append("camera", camera);
  if (before) params.set("before", before);
  if (limit) params.set("limit", String(limit));
  return params;
}

/** @type {(range: Range, options?: { signal?: AbortSignal }) => Promise<Day>} */
export const getDay = (range, options) => ask(`api/day?${query(range)}`, options);

/**
 * A page of visits, newest first.
 * @param {Range} range
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<{ visits: Visit[], next: string | null }>}
 */
export async function getVisits(range, options) {
  const { visits, next } = await ask(`api/visits?${query(range)}`, options);
  return { visits: usable(visits), next };
}

/** The visits that have a picture, each with a best one. */
export function usable(/** @type {readonly Visit[]} */ visits) {
  return visits.filter(({ faces }) => faces.length > 0)
    .map((visit) => visit.faces[visit.best] ? visit : { ...visit, best: visit.faces.length - 1 });
}

/**
 * Days with faces that end before a time, the newest first.
 * @param {number} before
 * @param {number} limit
 * @returns {Promise<{ days: DayWithFaces[], more: boolean }>}
 */
export function getDays(before, limit) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ask(`api/days?${new URLSearchParams({ before: String(before), limit: String(limit), zone })}`);
}

/** @type {(key: string) => Promise<Face & { visit: Visit | null, facts: import("./facts.js").Facts | null }>} */
export const getFace = (key) => ask(`api/face?${new URLSearchParams({ key })}`);

/**
 * The keys of all pictures of some visits: a visit has at most 50 of them with it.
 * @param {readonly Visit[]} visits
 * @returns {Promise<string[]>}
 */
export async function keysOf(visits) {
  const keys = [];
  for (const { faces, count } of visits) {
    const all = faces.length < count && await ask(`api/visit?${new URLSearchParams({ key: faces[0].key })}`);
    keys.push(...(all ? all.keys : faces.map(({ key }) => key)));
  }
  return keys;
}

/** @type {() => Promise<Cameras>} */
export const getCameras = () => ask("api/cameras");

/** @type {(options?: { signal?: AbortSignal }) => Promise<Session>} */
export const getSession = (options) => ask("api/session", options);

/** Number of keys that one request may delete. */
const MAX_DELETED = 1000;

/**
 * Deletes pictures from the store. Never throws: what a failed request named, and all after it, was not deleted.
 * @param {readonly string[]} keys
 * @returns {Promise<{ deleted: string[], failed: { key: string, reason: string }[] }>}
 */
export async function deleteFaces(keys) {
  /** @type {{ deleted: string[], failed: { key: string, reason: string }[] }} */
  const result = { deleted: [], failed: [] };
  for (let at = 0; at < keys.length; at += MAX_DELETED) {
    try {
      const chosen = keys.slice(at, at + MAX_DELETED);
      const { deleted, failed } = await ask("api/faces", sending("DELETE", { keys: chosen }));
      result.deleted.push(...deleted);
      result.failed.push(...failed);
    } catch (error) {
      const reason = /** @type {Error} */ (error).message;
      result.failed.push(...keys.slice(at).map((key) => ({ key, reason })));
      break;
    }
  }
  return result;
}

/** Rejects when a picture is not sent. */
export const checkPicture = (/** @type {string} */ url) => check(url);

/** Rejects when a zip of these pictures is not sent. */
export const checkZip = (/** @type {readonly string[]} */ keys) =>
  check("api/zip", sending("POST", { keys }));

/**
 * Sends a request, and ends it when its answer begins. Rejects with the reason when it is refused.
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function check(path, options) {
  await (await send(path, options)).body?.cancel();
}

/** Number of keys that one request may ask for. */
const MAX_ASKED = 10_000;

/**
 * Which pictures the store no longer has.
 * @param {readonly string[]} keys
 * @returns {Promise<string[]>}
 */
export async function getGone(keys) {
  const all = /** @type {string[]} */ ([]);
  for (let at = 0; at < keys.length; at += MAX_ASKED) {
    const { gone } = await ask("api/gone", sending("POST", { keys: keys.slice(at, at + MAX_ASKED) }));
    all.push(...gone);
  }
  return all;
}

/**
 * A link that shows one face without a login until it expires.
 * @param {string} key
 * @param {number} hours
 * @returns {Promise<{ url: string, expires: number }>}
 */
export const shareFace = (key, hours) => ask("api/share", sending("POST", { key, hours }));
