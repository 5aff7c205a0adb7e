// Marks on the drawings of a plan: a tap fills the next empty line for a spot, which says the same in words.

/** @param {HTMLElement} root  the fieldset with [data-body-map] */
export function watchBodyMap(root) {
  const drawings = /** @type {HTMLElement} */ (root.querySelector("[data-body-map-drawings]"));
  const form = /** @type {HTMLFormElement} */ (root.closest("form"));
  drawings.hidden = false;
  /** @type {HTMLElement} */ (root.querySelector("[data-body-map-hint]")).hidden = false;

  const lines = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-spot]")]);
  const control = (/** @type {HTMLElement} */ line, /** @type {string} */ name) =>
    /** @type {HTMLInputElement} */ (line.querySelector(`[name^="spot_${name}_"]`));
  const isEmpty = (/** @type {HTMLElement} */ line) => ["area", "what", "place"].every((name) => !control(line, name).value);

  /** A line to fill: the first empty one, or a copy of the last with the next number. */
  function freeLine() {
    const found = lines().find(isEmpty);
    if (found) return found;
    const last = /** @type {HTMLElement} */ (lines().at(-1));
    const number = Number(last.dataset.spot) + 1;
    if (number > 40) return null;
    const copy = /** @type {HTMLElement} */ (last.cloneNode(true));
    copy.dataset.spot = String(number);
    copy.setAttribute("aria-label", `Spot ${number}`);
    for (const part of copy.querySelectorAll("[id], [name], [for]")) {
      for (const name of ["id", "name", "for"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replace(/\d+$/, String(number)));
      }
    }
    for (const name of ["area", "what", "place"]) control(copy, name).value = "";
    /** @type {HTMLElement} */ (copy.querySelector(".spot__number")).textContent = String(number);
    last.after(copy);
    return copy;
  }

  function draw() {
    for (const mark of drawings.querySelectorAll(".bodymap__mark")) mark.remove();
    for (const line of lines()) {
      const [view, x, y] = control(line, "place").value.split(" ");
      const svg = /** @type {SVGSVGElement | null} */ (view ? drawings.querySelector(`[data-view="${CSS.escape(view)}"]`) : null);
      if (!svg) continue;
      const { width, height } = svg.viewBox.baseVal;
      const made = (/** @type {string} */ name) => document.createElementNS("http://www.w3.org/2000/svg", name);
      const mark = made("g");
      mark.setAttribute("class", "bodymap__mark");
      mark.setAttribute("transform", `translate(${(Number(x) * width) / 1000} ${(Number(y) * height) / 1000})`);
      const circle = made("circle");
      circle.setAttribute("r", "8");
      const text = made("text");
      text.setAttribute("y", "4");
      text.textContent = line.dataset.spot ?? "";
      mark.append(circle, text);
      svg.append(mark);
    }
  }

  function shade() {
    for (const region of /** @type {NodeListOf<SVGElement>} */ (drawings.querySelectorAll("[data-area]"))) {
      const depth = /** @type {HTMLInputElement | null} */ (form.elements.namedItem(`depth_${region.dataset.area}`));
      region.classList.toggle("is-chosen", Boolean(depth?.value.trim()));
    }
  }

  drawings.addEventListener("click", (event) => {
    const region = /** @type {Element} */ (event.target).closest("[data-area]");
    const svg = /** @type {SVGSVGElement | null} */ (region?.closest("svg"));
    const line = region && svg ? freeLine() : null;
    if (!region || !svg || !line) return;
    const box = svg.getBoundingClientRect();
    const thousandth = (/** @type {number} */ at, /** @type {number} */ size) => Math.round(Math.min(1, Math.max(0, at / size)) * 1000);
    const place = [thousandth(event.clientX - box.left, box.width), thousandth(event.clientY - box.top, box.height)];
    control(line, "place").value = [svg.dataset.view, ...place].join(" ");
    control(line, "area").value = region.getAttribute("data-area") ?? "";
    draw();
    control(line, "what").focus();
  });
  form.addEventListener("input", (event) => {
    const changed = /** @type {HTMLInputElement} */ (event.target);
    if (changed.name?.startsWith("depth_")) shade();
    const line = /** @type {HTMLElement | null} */ (changed.closest("[data-spot]"));
    // A mark belongs to the area that was tapped: another area, or an emptied line, takes it away.
    if (line && (changed.name.startsWith("spot_area_") || !control(line, "what").value.trim())) {
      if (changed.name.startsWith("spot_area_") || !control(line, "area").value) control(line, "place").value = "";
    }
    draw();
  });
  shade();
  draw();
}
