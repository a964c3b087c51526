/**
 * The page: faces newest first, new ones as they come, older ones on demand.
 * What keys say is a stranger's text: it becomes text nodes and encoded addresses, never markup.
 */

/** Above this many, the oldest leave the page; "Older faces" brings them back. */
const MAX_SHOWN = 1000;
const RETRY_MS = 5_000;

const [status, empty, list, older] = ["status", "empty", "faces", "older"].map((id) =>
  document.getElementById(id)
);
const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The faces on the page, newest first, in step with the items of the list. */
const shown = [];
let more = false;

/** Sorts as the server does: the newest first, then by key. */
function isNewer(a, b) {
  return a.ms !== b.ms ? a.ms > b.ms : a.key > b.key;
}

function say(text, grade = "") {
  status.textContent = text;
  status.className = grade;
}

/** A key without what would hide or turn around its letters. */
function printable(key) {
  return key.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function drawn(face, isNew) {
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

/** Puts faces in their places; those that are there already stay. */
function add(faces, { isNew = false } = {}) {
  for (const face of faces) {
    const found = shown.findIndex((other) => !isNewer(other, face));
    const at = found < 0 ? shown.length : found;
    if (shown[at]?.key === face.key) continue;
    list.insertBefore(drawn(face, isNew), list.children[at] ?? null);
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

/** A page of faces from the server; throws when it has none to give. */
async function fetched(before) {
  const query = before ? `?before=${encodeURIComponent(`${before.ms}_${before.key}`)}` : "";
  const response = await fetch(`api/faces${query}`);
  const page = await response.json().catch(() => ({ error: `the gallery answers ${response.status}` }));
  if (!response.ok) throw new Error(page.error);
  return page;
}

/** Loads the newest page. What lies between it and older faces on the page is unknown when they do not meet. */
async function loadNewest() {
  const page = await fetched();
  const meets = page.faces.some((face) => shown.some(({ key }) => key === face.key));
  if (!meets) clear();
  if (!meets) more = page.more;
  add(page.faces);
  refresh(page.store);
  say("Live", "live");
}

async function loadOlder() {
  older.disabled = true;
  try {
    const last = shown.at(-1);
    const page = await fetched(last);
    if (last !== shown.at(-1)) return; // the list has changed meanwhile
    add(page.faces);
    more = page.more;
    refresh();
  } catch (error) {
    say(`Cannot load older faces: ${error.message}`, "wrong");
  } finally {
    older.disabled = false;
  }
}

function connect() {
  const feed = new EventSource("events");
  const again = () => {
    feed.close();
    setTimeout(connect, RETRY_MS);
  };
  feed.addEventListener("ready", () => {
    loadNewest().catch((error) => {
      say(`Cannot load the faces: ${error.message}. Trying again.`, "wrong");
      again();
    });
  });
  feed.addEventListener("faces", ({ data }) => {
    // A late one that belongs below the last face comes with its page, or "older" would pass over what is between.
    const last = more ? shown.at(-1) : undefined;
    add(JSON.parse(data).filter((face) => !last || isNewer(face, last)), { isNew: true });
    dropOldest();
    refresh();
  });
  feed.addEventListener("trouble", ({ data }) => {
    say(`The store does not answer: ${JSON.parse(data)}. New faces appear when it is back.`, "wrong");
  });
  feed.addEventListener("error", () => {
    say("The connection to the gallery is lost. Trying again; if this stays, reload the page.", "wrong");
    if (feed.readyState === EventSource.CLOSED) again();
  });
}

older.addEventListener("click", loadOlder);
connect();
