/**
 * When this browser last looked at the page. Visits after that are new, until they are marked as seen. An absence
 * begins when the page is hidden or closed; a reload is none.
 */

const STORED = "haarlem-look";
/** A shorter absence, such as a reload, does not count. */
const MIN_ABSENCE_MS = 5 * 60_000;
/** Interval at which an open page notes that somebody looks: after a crash the absence begins at the last note. */
const NOTE_MS = 30_000;

/** @returns {{ boundary: number, left: number } | undefined} */
function stored() {
  try {
    const { boundary, left } = JSON.parse(localStorage.getItem(STORED) ?? "null");
    return Number.isFinite(boundary) && Number.isFinite(left) ? { boundary, left } : undefined;
  } catch {
    return undefined; // Nothing stored so far, or a browser that stores nothing.
  }
}

/** The last look at the page. */
export class LastLook {
  /** Visits after this time are new. */
  boundary;

  constructor(now = Date.now()) {
    const last = stored();
    this.boundary = !last ? now : now - last.left > MIN_ABSENCE_MS ? last.left : last.boundary;
    this.note(now);
    setInterval(() => document.hidden || this.note(), NOTE_MS);
    addEventListener("pagehide", () => this.note());
  }

  /** Notes that somebody looks now. */
  note(now = Date.now()) {
    try {
      localStorage.setItem(STORED, JSON.stringify({ boundary: this.boundary, left: now }));
    } catch {
      // The browser stores nothing: the next visit of the page begins without new visits.
    }
  }

  /** Everything until now counts as seen. */
  mark(now = Date.now()) {
    this.boundary = now;
    this.note(now);
  }
}
