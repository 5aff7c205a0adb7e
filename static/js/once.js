// One press, one act: a form that is on its way is not sent again, and says so.
//
// The idempotency key in the form stays the same, so that even a second post cannot sign or pay twice.

const UNLOCK_MS = 20_000;

/** @param {HTMLFormElement} form  with [data-once]; its buttons may carry data-busy-text, and a hidden [data-once-offline] says why nothing went */
export function sendOnce(form) {
  let sent = false;
  let timer = 0;
  // Posting without a network would replace the page, and all that is on it, by the browser's own error.
  const offlineNote = form.querySelector("[data-once-offline]");
  const buttons = /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("button:not([type=button])")]);
  const labels = new Map(buttons.map((button) => [button, button.textContent ?? ""]));

  function free() {
    clearTimeout(timer);
    sent = false;
    for (const [button, label] of labels) {
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }
  }

  form.addEventListener("submit", (event) => {
    const offline = !navigator.onLine;
    if (offlineNote instanceof HTMLElement) offlineNote.hidden = !offline;
    if (sent || offline) return event.preventDefault();
    sent = true;
    const pressed = /** @type {HTMLElement | null} */ (event.submitter);
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    if (pressed?.dataset.busyText) pressed.textContent = pressed.dataset.busyText;
    timer = setTimeout(free, UNLOCK_MS);
  });
  // Coming back by the Back button restores the page as it was left: locked.
  addEventListener("pageshow", (event) => event.persisted && free());
}
