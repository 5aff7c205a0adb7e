// Passkeys: asks our server for a challenge, the browser for a signature, and goes on.
//
// Without scripts or without passkeys in the browser nothing of this is shown, and every way without them stays open.

const PATHS = {
  "sign-in": { options: "/api/v1/passkeys/options", done: "/api/v1/passkeys/sign-in" },
  "step-up": { options: "/api/v1/step-up/passkey/options", done: "/api/v1/step-up/passkey" },
  desk: { options: "/api/v1/passkeys/options", done: "/api/v1/shared-desk/passkey" },
  register: { options: "/api/v1/me/passkeys/options", done: "/api/v1/me/passkeys" },
};

class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`answered ${status}`);
    this.status = status;
  }
}

/** @param {HTMLElement} root  with [data-passkey] (an act of PATHS), data-next, data-csrf */
export function offerPasskey(root) {
  if (!window.PublicKeyCredential) return;
  root.hidden = false;
  const act = /** @type {keyof typeof PATHS} */ (root.dataset.passkey);
  const says = /** @type {HTMLElement} */ (root.querySelector("[data-passkey-says]"));
  let busy = false;

  /** @param {Event} event */
  async function go(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    says.hidden = true;
    try {
      await perform(root, act);
    } catch (problem) {
      const state = problem instanceof Refused ? (problem.status === 429 ? "textWait" : "textRefused") : "textStopped";
      says.textContent = says.dataset[state] ?? "";
      says.hidden = false;
    } finally {
      busy = false;
    }
  }

  if (root instanceof HTMLFormElement) root.addEventListener("submit", go);
  else root.querySelector("[data-passkey-go]")?.addEventListener("click", go);
}

/**
 * @param {HTMLElement} root
 * @param {keyof typeof PATHS} act
 */
async function perform(root, act) {
  const typed = root instanceof HTMLFormElement ? new FormData(root) : new FormData();
  const proof = act === "register" ? { password: String(typed.get("password") ?? "") } : {};
  const { public_key: options } = await ask(root, PATHS[act].options, proof);
  const credential = act === "register" ? await make(options) : await show(options);
  const named = act === "register" ? { name: String(typed.get("name") || "My passkey") } : {};
  const done = await ask(root, PATHS[act].done, { credential, ...named });
  if (done.recovery_codes?.length) return showCodes(done.recovery_codes);
  const target = new URL(root.dataset.next ?? "/", location.href);
  if (target.origin === location.origin) location.assign(target);
}

/**
 * @param {HTMLElement} root
 * @param {string} path
 * @param {object} body
 */
async function ask(root, path, body) {
  const response = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": root.dataset.csrf ?? "" },
    body: JSON.stringify(body),
  });
  const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  if (answer.code === "step_up_required") location.assign(`/step-up?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!response.ok) throw new Refused(response.status);
  return answer;
}

/** @param {any} options */
async function make(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(described),
  };
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  return { ...frame(made), response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) } };
}

/** @param {any} options */
async function show(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: (options.allowCredentials ?? []).map(described) };
  const shown = /** @type {any} */ (await navigator.credentials.get({ publicKey }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  const response = { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature) };
  return { ...frame(shown), response: userHandle ? { ...response, userHandle: text(userHandle) } : response };
}

/** The codes are shown once, by the page that the server draws for the same purpose. @param {string[]} codes */
function showCodes(codes) {
  const page = document.querySelector("[data-codes]");
  const list = page?.querySelector("ul");
  if (!(page instanceof HTMLElement) || !list) return;
  for (const code of codes) {
    const line = document.createElement("li");
    line.append(Object.assign(document.createElement("code"), { textContent: code }));
    list.append(line);
  }
  const before = document.querySelector("[data-codes-before]");
  if (before instanceof HTMLElement) before.hidden = true;
  page.hidden = false;
  page.querySelector("h1")?.focus();
}

/** @param {any} credential */
const frame = (credential) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
  clientExtensionResults: {},
});

/** @param {any} one */
const described = (one) => ({ ...one, id: bytes(one.id) });

/** @param {string} value */
const bytes = (value) => Uint8Array.from(atob(value.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

/** @param {ArrayBuffer} buffer */
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
