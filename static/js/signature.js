// Offers drawing beside typing: without this module the typed name alone is the signature.

import { InkPad } from "./ink.js";

/** @param {HTMLElement} root  with [data-signature], as sign.html writes it */
export function offerInk(root) {
  const pad = /** @type {HTMLElement} */ (root.querySelector("[data-ink]"));
  const ways = /** @type {HTMLFieldSetElement} */ (root.querySelector("[data-signature-ways]"));
  const typed = /** @type {HTMLElement} */ (root.querySelector("[data-signature-typed]"));
  root.querySelector("input[type=hidden][name=signature_kind]")?.remove();
  ways.hidden = false;
  ways.disabled = false;
  const radios = /** @type {HTMLInputElement[]} */ ([...ways.querySelectorAll("input[type=radio]")]);

  function follow() {
    const drawn = !radios.length || radios.some((radio) => radio.checked && radio.value === "ink");
    pad.hidden = !drawn;
    typed.hidden = drawn;
  }

  radios.forEach((radio) => radio.addEventListener("change", follow));
  follow();
  return new InkPad(pad);
}
