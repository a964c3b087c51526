/**
 * The page: faces newest first, new ones as events, older ones on demand.
 * Object keys are untrusted text: they become text nodes and encoded URLs, never markup.
 */

/** Maximum number of faces on the page; beyond it the oldest are removed. "Older faces" loads them again. */
const MAX_SHOWN = 1000;
const RETRY_MS = 5_000;

const [status, empty, list, older] = ["status", "empty", "faces", "older"].map((id) =>
  document.getElementById(id)
);
const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The faces on the page, newest first, in the order of the list items. */
const shown = [];
let more = false;

/** The order of the server: newest first, then by key. */
function isNewer(a, b) {
  return a.ms !== b.ms ? a.ms > b.ms : a.key > b.key;
}

function showStatus(text, className = "") {
  status.textContent = text;
  status.className = className;
}

/** Replaces invisible characters and those that change the direction of text. */
function printable(key) {
  return key.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function listItem(face, isNew) {
  const taken = new Date(face.ms);
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), {
    href: face.url,
    target: "_blank",
    rel: "noopener",
  });
  const picture = Object.assign(document.createElement("img"), {
    src: face.url,
    loading: "lazy",
    alt: `${face.label}, ${timeFormat.format(taken)}`,
  });
  const caption = document.createElement("p");
  const name = Object.assign(document.createElement("b"), {
    textContent: face.label,
    title: printable(face.key),
  });
  const time = Object.assign(document.createElement("time"), {
    textContent: timeFormat.format(taken),
    dateTime: taken.toISOString(),
  });
  link.append(picture);
  caption.append(name, time);
  item.append(link, caption);
  if (isNew) item.className = "new";
  return item;
}

/** Inserts faces in order. Faces that are on the page already are skipped. */
function add(faces, { isNew = false } = {}) {
  for (const face of faces) {
    const found = shown.findIndex((other) => !isNewer(other, face));
    const at = found < 0 ? shown.length : found;
    if (shown[at]?.key === face.key) continue;
    list.insertBefore(listItem(face, isNew), list.children[at] ?? null);
    shown.splice(at, 0, face);
  }
}

function clear() {
  list.replaceChildren();
  shown.length = 0;
}

function dropOldest() {
  if (shown.length <= MAX_SHOWN) return;
  for (const item of [...list.children].slice(MAX_SHOWN)) item.remove();
  shown.length = MAX_SHOWN;
  more = true;
}

function refresh(store) {
  older.hidden = !more;
  empty.hidden = shown.length > 0;
  if (store) {
    empty.textContent = `No faces yet in ${store}. The first one appears here as soon as it is stored.`;
  }
}

/** Fetches a page of faces. Throws an Error with the reason of the server. */
async function fetchPage(before) {
  const query = before ? `?before=${encodeURIComponent(`${before.ms}_${before.key}`)}` : "";
  const response = await fetch(`api/faces${query}`);
  const page = await response.json().catch(() => ({
    error: `the gallery responded with status ${response.status}`,
  }));
  if (!response.ok) throw new Error(page.error);
  return page;
}

/** Loads the newest page. Without a common face there may be a gap before the faces shown: they are removed. */
async function loadNewest() {
  const page = await fetchPage();
  const overlaps = page.faces.some((face) => shown.some(({ key }) => key === face.key));
  if (!overlaps) clear();
  if (!overlaps) more = page.more;
  add(page.faces);
  refresh(page.store);
  showStatus("Live", "live");
}

async function loadOlder() {
  older.disabled = true;
  try {
    const last = shown.at(-1);
    const page = await fetchPage(last);
    if (last !== shown.at(-1)) return; // The list has changed meanwhile.
    add(page.faces);
    more = page.more;
    refresh();
  } catch (error) {
    showStatus(`Cannot load older faces: ${error.message}`, "wrong");
  } finally {
    older.disabled = false;
  }
}

function connect() {
  const feed = new EventSource("events");
  const reconnect = () => {
    feed.close();
    setTimeout(connect, RETRY_MS);
  };
  feed.addEventListener("ready", () => {
    loadNewest().catch((error) => {
      showStatus(`Cannot load the faces: ${error.message}. Retrying.`, "wrong");
      reconnect();
    });
  });
  feed.addEventListener("faces", ({ data }) => {
    // A late face older than the last one is left to its page: "Older faces" continues after the last face.
    const last = more ? shown.at(-1) : undefined;
    add(JSON.parse(data).filter((face) => !last || isNewer(face, last)), { isNew: true });
    dropOldest();
    refresh();
  });
  feed.addEventListener("trouble", ({ data }) => {
    showStatus(
      `The store does not answer: ${JSON.parse(data)}. New faces appear when it answers again.`,
      "wrong",
    );
  });
  feed.addEventListener("error", () => {
    showStatus(
      "Lost the connection to the gallery. Reconnecting. Reload the page if this message stays.",
      "wrong",
    );
    if (feed.readyState === EventSource.CLOSED) reconnect();
  });
}

older.addEventListener("click", loadOlder);
connect();
