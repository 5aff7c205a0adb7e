// Find as one types: the search goes out by itself after a short pause, and only the list is replaced.
//
// Without this script the form works with its button. What is typed travels in the body alone; the address
// that the list brings with it holds the search encrypted, so that Back and reload show the same list.

const PAUSE_MS = 250;

/** @param {HTMLFormElement} form  with [data-search="id of the list"] and a field named q */
export function searchAsTyped(form) {
  const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("q"));
  if (!field) return;
  let timer = 0;
  let asked = field.value.trim();
  let running = new AbortController();

  async function ask() {
    const list = document.getElementById(form.dataset.search ?? "");
    const wanted = field.value.trim();
    if (!list || wanted === asked) return;
    asked = wanted;
    running.abort();
    running = new AbortController();
    const body = new FormData(form);
    body.set("live", "yes");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(/** @type {any} */ (body)), signal: running.signal, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(list.id);
      if (!fresh || field.value.trim() !== wanted) return;
      list.replaceWith(fresh);
      history.replaceState(null, "", fresh.dataset.address ?? location.href);
    } catch (problem) {
      // An older question that was cut short is no problem. Anything else is left to the button, which shows it.
      if (!(problem instanceof DOMException && problem.name === "AbortError")) asked = "\u0000";
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
}
