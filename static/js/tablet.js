// On the clinic's tablet: asks whether somebody is still there, covers the page when nobody says so, and leaves nothing
// behind for whoever comes next. The server covers the form by itself a little later, also without this script.

const PING_MS = 20_000;
const RETRY_MS = 3_000;
const GONE = 410;

/** @param {HTMLElement} root  with [data-tablet]: data-ask-seconds, data-cover-seconds, data-csrf, data-over */
export function watchTablet(root) {
  const askAfter = Number(root.dataset.askSeconds) * 1000;
  const coverAfter = askAfter + Number(root.dataset.coverSeconds) * 1000;
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector("[data-tablet-ask]"));
  const finish = /** @type {HTMLFormElement} */ (root.querySelector("[data-tablet-finish]"));
  let touched = Date.now();
  let told = touched;
  let covered = false;

  // While the question stands, only its own button says that somebody is there: a sleeve on the glass does not.
  const touch = () => dialog.open || covered || (touched = Date.now());
  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll"]) {
    addEventListener(kind, touch, { passive: true, capture: true });
  }
  dialog.querySelector("[data-tablet-here]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    touched = Date.now();
    told = 0;
  });

  function hide() {
    covered = true;
    document.documentElement.dataset.covered = "yes";
    const cover = /** @type {HTMLElement | null} */ (document.querySelector("[data-tablet-covered]"));
    if (cover) cover.hidden = false;
    if (root.dataset.over) finish.submit();
    else tellServer();
  }

  async function tellServer() {
    try {
      const answer = await send("/sign/cover");
      if (answer.status >= 500) throw new Error(String(answer.status));
      location.replace(answer.status === GONE ? "/sign/blank" : "/sign/covered");
    } catch {
      setTimeout(tellServer, RETRY_MS);
    }
  }

  /** @param {string} url */
  const send = (url) =>
    fetch(url, {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      headers: { "X-CSRF-Token": root.dataset.csrf ?? "" },
    });

  // The desk took the device back, or the form ended: nothing of it stays in sight.
  function leaveWhenOver(/** @type {Response} */ answer) {
    if (answer.status === GONE) location.replace("/sign/blank");
  }

  function look() {
    if (covered) return;
    const now = Date.now();
    if (now - touched >= coverAfter) hide();
    else if (now - touched >= askAfter && !dialog.open) dialog.showModal();
    else if (touched > told && now - told >= PING_MS) {
      told = now;
      send("/sign/alive").then(leaveWhenOver, () => {});
    }
  }
  setInterval(look, 1000);
  addEventListener("visibilitychange", look);
}

/** A page of the patient's way that comes out of the browser's memory is asked for anew. */
export function neverFromMemory() {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
