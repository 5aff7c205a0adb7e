// Looks again by itself at work that goes on in the background, and replaces only the part that tells of it:
// what somebody types elsewhere on the page stays. Without this script there is a link to look again.

/**
 * @param {HTMLElement} part  with an id and [data-waits="seconds"] while the work goes on; [data-leads-on] where the
 *   page itself goes on to another one once the work is done
 * @param {(fresh: HTMLElement) => unknown} wake  what a part needs that has just come
 */
export function lookAgain(part, wake) {
  const seconds = Number(part.dataset.waits);
  if (!seconds) return;
  setTimeout(async () => {
    try {
      // Whoever is about to press something in the part keeps it for now.
      if (document.hidden || part.contains(document.activeElement)) throw new Error("not now");
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
      if (answer.type === "opaqueredirect" && "leadsOn" in part.dataset) {
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (!fresh) {
        location.reload();
        return;
      }
      part.replaceWith(fresh);
      wake(fresh);
    } catch {
      lookAgain(part, wake);
    }
  }, seconds * 1000);
}
