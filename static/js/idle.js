// On a shared device a page that nobody touches locks itself, and one that is worked on stays open.
//
// The server ends the session by itself after the same time; this hides what is on the screen, too.

const PING_MS = 20_000;

/** @param {HTMLElement} root  with [data-idle-seconds]; holds the form that signs out */
export function lockWhenIdle(root) {
  const limit = Number(root.dataset.idleSeconds) * 1000;
  const form = /** @type {HTMLFormElement | null} */ (root.querySelector("form[action='/sign-out']"));
  let touched = Date.now();
  let told = touched;

  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll"]) {
    addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
  }
  setInterval(() => {
    const now = Date.now();
    if (now - touched >= limit) {
      if (form) form.submit();
      return;
    }
    if (touched > told && now - told >= PING_MS) {
      told = now;
      fetch("/shared-desk/alive", { credentials: "same-origin", cache: "no-store" }).catch(() => {});
    }
  }, 1000);
}
