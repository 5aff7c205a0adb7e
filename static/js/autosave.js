// Saves a form's values while people type, and says truthfully what the server has.
//
// Each save is the whole draft with a rising sequence number, so a repeat changes nothing and an old one
// can never overwrite a newer one. "Saved" is shown only after the server's own answer.

import { DraftCopy } from "./draft.js";
import { valuesOf, applyValues } from "./form-values.js";

const QUIET_MS = 1_200;
const LONGEST_WAIT_MS = 5_000;
const TIMEOUT_MS = 15_000;
const BACK_OFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** A request that the page may leave behind carries at most 64 KiB. */
const KEEPALIVE_BYTES = 60_000;

/** @typedef {"idle" | "saving" | "saved" | "waiting" | "offline" | "stopped"} State */

export class Autosave {
  /**
   * @param {HTMLFormElement} form  with data-autosave-url, data-autosave-sequence and data-autosave-key
   * @param {HTMLElement} status  with one data-text-<state> for each state; {time} in data-text-saved
   */
  constructor(form, status) {
    this.form = form;
    this.status = status;
    this.url = form.dataset.autosaveUrl ?? "";
    this.sequence = Number(form.dataset.autosaveSequence ?? 0);
    this.key = form.dataset.autosaveKey ?? this.url;
    this.csrf = form.querySelector("[name=csrf_token]")?.getAttribute("value") ?? "";
    this.copy = new DraftCopy(this.key, form.dataset.autosaveLocal !== "off");
    this.changed = false;
    this.sending = false;
    this.failures = 0;
    this.firstChange = 0;
    this.timer = 0;

    form.addEventListener("input", () => this.touch());
    form.addEventListener("submit", (event) => event.defaultPrevented || this.rest());
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.changed && this.show("offline"));
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", () => this.changed && this.retryNow());
    this.recover();
  }

  /** Put back what this tab could not send before a reload, and send it now. */
  recover() {
    const draft = this.copy.read();
    if (!draft || draft.sequence < this.sequence) {
      this.copy.forget();
      return;
    }
    applyValues(this.form, draft.values);
    this.sequence = draft.sequence;
    this.changed = true;
    this.retryNow();
  }

  touch() {
    this.changed = true;
    this.copy.keep({ sequence: this.sequence, values: valuesOf(this.form) });
    this.firstChange ||= Date.now();
    if (this.failures) return;
    const left = this.firstChange + LONGEST_WAIT_MS - Date.now();
    this.schedule(Math.max(0, Math.min(QUIET_MS, left)));
  }

  /** @param {number} delay  ms */
  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  retryNow() {
    if (!this.changed) return;
    this.failures = 0;
    this.schedule(0);
  }

  /**
   * The form itself is being posted with everything in it. The tab's copy stays until a later page shows that the
   * post arrived (its sequence is higher, or the receipt forgets all): the network may still vanish under it.
   */
  rest() {
    clearTimeout(this.timer);
    this.changed = false;
    this.copy.keep({ sequence: this.sequence, values: valuesOf(this.form) });
  }

  leave() {
    if (!this.changed || this.sending) return;
    const body = this.body(this.sequence + 1);
    if (new Blob([body]).size > KEEPALIVE_BYTES) return;
    fetch(this.url, { ...this.request(body, this.sequence + 1), keepalive: true }).catch(() => {});
  }

  /** @param {number} sequence */
  body(sequence) {
    return JSON.stringify({ sequence, values: valuesOf(this.form) });
  }

  /**
   * @param {string} body
   * @param {number} sequence
   * @returns {RequestInit}
   */
  request(body, sequence) {
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": this.csrf, "Idempotency-Key": `${this.key}:${sequence}` };
    return { method: "PUT", credentials: "same-origin", redirect: "error", cache: "no-store", headers, body };
  }

  async save() {
    if (this.sending || !this.changed) return;
    if (!navigator.onLine) {
      this.show("offline");
      return;
    }
    this.sending = true;
    this.changed = false;
    this.firstChange = 0;
    const sequence = (this.sequence += 1);
    this.show("saving");
    try {
      const response = await fetch(this.url, {
        ...this.request(this.body(sequence), sequence),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await this.answered(response, sequence);
    } catch {
      this.failed(null);
    } finally {
      this.sending = false;
    }
  }

  /**
   * @param {Response} response
   * @param {number} sequence
   */
  async answered(response, sequence) {
    if (response.ok) {
      const { sequence: stored, saved_at: savedAt } = await response.json();
      if (!(stored >= sequence) || Number.isNaN(Date.parse(savedAt))) throw new TypeError("the answer names no save");
      this.failures = 0;
      if (this.changed) return this.schedule(QUIET_MS);
      // A page that is being loaded just now may have been written before this save arrived.
      this.copy.keep({ sequence: stored, values: valuesOf(this.form) });
      this.copy.forgetSoon();
      return this.show("saved", new Date(savedAt));
    }
    if (response.status === 409) {
      const { sequence: newer } = await response.json().catch(() => ({}));
      if (!Number.isInteger(newer)) return this.stop();
      this.sequence = Math.max(this.sequence, newer);
      return this.failed(this.failures < 2 ? 0 : null);
    }
    if (response.status === 429 || response.status >= 500) {
      return this.failed(Number(response.headers.get("Retry-After")) * 1_000 || null);
    }
    return this.stop();
  }

  /** @param {number | null} wait  ms that the server asked for; null = our own back-off */
  failed(wait) {
    this.changed = true;
    const backOff = BACK_OFF_MS[Math.min(this.failures, BACK_OFF_MS.length - 1)];
    this.failures += 1;
    this.show(navigator.onLine ? "waiting" : "offline");
    this.schedule(wait ?? backOff * (0.75 + Math.random() / 2));
  }

  /** The server will not take this draft however often we ask; it stays on the page and in this tab. */
  stop() {
    this.changed = false;
    this.failures = 0;
    clearTimeout(this.timer);
    this.copy.keep({ sequence: this.sequence, values: valuesOf(this.form) });
    this.show("stopped");
  }

  /**
   * @param {State} state
   * @param {Date} [at]
   */
  show(state, at) {
    const text = this.status.dataset[`text${state[0].toUpperCase()}${state.slice(1)}`] ?? "";
    const time = at?.toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.status.dataset.state = state;
    this.status.textContent = text.replace("{time}", time ?? "");
  }
}
