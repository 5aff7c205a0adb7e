// Opens a consent link: the secret is in the address's fragment, and only a person's own press may spend it.
//
// Mail scanners and previews fetch the page and may even run it; none of them presses the button, so none
// of them uses the link up. The fragment leaves the address and the history before anything is sent.

class TooSoon extends Error {}

/** @param {HTMLElement} root  with [data-link]: data-url (exchange), data-neutral-url (where a dead link leads), data-csrf */
export function readyLink(root) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(`[data-link-${name}]`));
  const button = part("open");
  const status = part("status");
  let token = "";
  let busy = false;

  function wake() {
    if (location.hash.length < 2) return;
    token = "";
    root.hidden = false;
    // With a link in hand the typed code is the second way, so it folds away.
    document.querySelector("details[data-link-code]")?.removeAttribute("open");
  }

  /** @param {"opening" | "slow" | "failed"} state */
  function say(state) {
    status.dataset.state = state;
    status.textContent = status.dataset[`text${state[0].toUpperCase()}${state.slice(1)}`] ?? "";
  }

  button.addEventListener("click", async (event) => {
    if (!event.isTrusted || busy) return;
    token ||= takeToken();
    busy = true;
    button.setAttribute("aria-disabled", "true");
    say("opening");
    try {
      location.replace(await exchange(root.dataset, token));
    } catch (problem) {
      say(problem instanceof TooSoon ? "slow" : "failed");
      button.removeAttribute("aria-disabled");
      busy = false;
    }
  });
  // A newer link tapped while this page is open changes only the fragment: no new page is loaded.
  addEventListener("hashchange", wake);
  wake();
}

/** Read the fragment, then take it out of the address bar and of this history entry. */
function takeToken() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

/**
 * @param {DOMStringMap} data
 * @param {string} token
 * @returns {Promise<URL>} the page to go on to, always one of our own
 */
async function exchange(data, token) {
  const response = await fetch(data.url ?? "", {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": data.csrf ?? "" },
    body: JSON.stringify({ token }),
  });
  if (response.status === 429) throw new TooSoon("asked to wait");
  if (response.status >= 500) throw new Error("not opened");
  const target = new URL(response.ok ? (await response.json()).location : data.neutralUrl, location.href);
  if (target.origin !== location.origin) throw new Error("a link leads only to our own pages");
  return target;
}
