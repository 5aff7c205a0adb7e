// The secret of an emailed link is in the address's fragment: it moves into the form and out of the history.

/** @param {HTMLElement} root  with [data-from-fragment]: holds the one field that takes it */
export function takeFragment(root) {
  const field = root.querySelector("input");
  if (!field) return;
  const wake = () => {
    if (location.hash.length < 20) return;
    field.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname + location.search);
    root.hidden = true;
  };
  addEventListener("hashchange", wake);
  wake();
  // A page that came back says what is wrong with the secret, so it has to be seen.
  if (field.getAttribute("aria-invalid") !== "true" && field.value) root.hidden = true;
}
