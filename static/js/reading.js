// Counts for how many seconds each part of a form is on the screen, in the hidden field of the part.

/** @param {HTMLFormElement} form  a form with sections [data-section], each with a field [data-seconds] */
export function countReading(form) {
  /** @type {Set<Element>} */
  const inView = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) inView.add(entry.target);
      else inView.delete(entry.target);
    }
  });
  for (const section of form.querySelectorAll("[data-section]")) watcher.observe(section);
  setInterval(() => {
    if (document.hidden) return;
    for (const section of inView) {
      const field = /** @type {HTMLInputElement | null} */ (section.querySelector("[data-seconds]"));
      if (field) field.value = String(Number(field.value) + 1);
    }
  }, 1000);
}
