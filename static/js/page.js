// Wakes up what a page carries. Every page links this one module; each part does nothing where it is not wanted.

import { Autosave } from "./autosave.js";
import { watchBodyMap } from "./body-map.js";
import { forgetAllDrafts } from "./draft.js";
import { takeFragment } from "./fragment.js";
import { lockWhenIdle } from "./idle.js";
import { readyLink } from "./link.js";
import { sendOnce } from "./once.js";
import { countReading } from "./reading.js";
import { searchAsTyped } from "./search.js";
import { offerPasskey } from "./passkey.js";
import { offerInk } from "./signature.js";
import { neverFromMemory, watchTablet } from "./tablet.js";
import { lookAgain } from "./wait.js";

/**
 * @param {string} selector
 * @param {(element: any) => unknown} wake
 */
const each = (selector, wake) => document.querySelectorAll(selector).forEach((element) => wake(element));

each("[data-forget-drafts]", forgetAllDrafts);
each("[data-signature]", offerInk);
// Before autosave, which stops saving only for a post that really leaves.
each("form[data-once]", sendOnce);
each("form[data-autosave-url]", (form) => {
  const status = document.querySelector("[data-autosave-status]");
  if (status instanceof HTMLElement) new Autosave(form, status);
});
each("form:has([data-seconds])", countReading);
each("[data-link]", readyLink);
each("[data-from-fragment]", takeFragment);
each("[data-passkey]", offerPasskey);
each("[data-idle-seconds]", lockWhenIdle);
each("[data-tablet]", watchTablet);
if (document.querySelector("[data-tablet], [data-tablet-page]")) neverFromMemory();
each("form[data-search]", searchAsTyped);
each("[data-body-map]", watchBodyMap);
/** @param {HTMLElement} fresh */
const wakeFresh = (fresh) => {
  fresh.querySelectorAll("form[data-once]").forEach((form) => sendOnce(/** @type {any} */ (form)));
  lookAgain(fresh, wakeFresh);
};
each("[data-waits]", (part) => lookAgain(part, wakeFresh));
document.documentElement.dataset.ready = "yes";
