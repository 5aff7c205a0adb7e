// Between a form and the plain values that are saved: one text per name, a list where a name repeats.

/** Names that steer the request and are no part of what the person said. */
const NOT_ANSWERS = new Set(["csrf_token", "idempotency_key", "document_sha256"]);

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string | string[]>}
 */
export function valuesOf(form) {
  /** @type {Record<string, string | string[]>} */
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (NOT_ANSWERS.has(name) || typeof value !== "string") continue;
    const before = values[name];
    values[name] = before === undefined ? value : [before, value].flat();
  }
  return values;
}

/**
 * Put saved values back, and tell each control that it changed.
 * @param {HTMLFormElement} form
 * @param {Record<string, string | string[]>} values
 */
export function applyValues(form, values) {
  for (const control of /** @type {Iterable<any>} */ (form.elements)) {
    const { name, type } = control;
    if (!name || NOT_ANSWERS.has(name) || type === "submit" || type === "file") continue;
    const saved = name in values ? [values[name]].flat() : null;
    if (type === "radio" || type === "checkbox") control.checked = saved?.includes(control.value) ?? false;
    else if (saved) control.value = saved[0];
    else continue;
    control.dispatchEvent(new Event("change", { bubbles: false }));
  }
}
