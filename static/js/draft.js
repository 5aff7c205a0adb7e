// The copy of a draft that this tab keeps until just after the server has it: gone with the tab, never in localStorage.

/** @typedef {{sequence: number, values: Record<string, string | string[]>}} Draft */

const PREFIX = "needlepoint:draft:";
/** How long a copy stays after the server has it, in case the page is on its way out. */
const LINGER_MS = 3_000;

export class DraftCopy {
  /**
   * @param {string} key
   * @param {boolean} inTab  false on a shared device: then nothing outlives the page
   */
  constructor(key, inTab) {
    this.key = PREFIX + key;
    this.inTab = inTab;
    this.timer = 0;
  }

  /** @param {Draft} draft */
  keep(draft) {
    clearTimeout(this.timer);
    if (!this.inTab) return;
    try {
      sessionStorage.setItem(this.key, JSON.stringify(draft));
    } catch {
      // A full or forbidden store only costs the copy for a reload; the page itself still holds everything.
    }
  }

  /** @returns {Draft | null} */
  read() {
    try {
      const draft = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
      return draft && Number.isInteger(draft.sequence) && typeof draft.values === "object" ? draft : null;
    } catch {
      return null;
    }
  }

  /** The server has it: gone in a moment, unless this page goes first and the next one needs it. */
  forgetSoon() {
    this.timer = setTimeout(() => this.forget(), LINGER_MS);
  }

  forget() {
    clearTimeout(this.timer);
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // See keep().
    }
  }
}

/** Remove every draft of this tab: on the receipt, when a link ends, when a shared device is handed over. */
export function forgetAllDrafts() {
  try {
    Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => sessionStorage.removeItem(key));
  } catch {
    // See keep().
  }
}
