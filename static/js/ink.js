// A signature as vectors: strokes of points with time and pressure, never a picture.
//
// The canvas is only a view. The strokes live here and in a hidden field, so that rotating the phone,
// scrolling, a resized window or a vanishing address bar redraw the ink and cannot lose it.

/** @typedef {[x: number, y: number, t: number, pressure: number]} Point  x, y: 0..1 of the pad; t: ms since the first point; pressure: 0..1 */
/** @typedef {{strokes: Point[][], width: number, height: number}} Ink  width, height: CSS pixels of the pad when the ink began */

export const MAX_POINTS = 20_000;

const round = (/** @type {number} */ value, /** @type {number} */ digits) => Number(value.toFixed(digits));
const within = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));

/**
 * Read ink from a field's text; anything malformed counts as no ink.
 * @param {string} text
 * @returns {Ink | null}
 */
export function parseInk(text) {
  try {
    const ink = JSON.parse(text);
    const isPoint = (/** @type {unknown} */ p) => Array.isArray(p) && p.length === 4 && p.every(Number.isFinite);
    const strokes = ink.strokes.filter((/** @type {unknown} */ s) => Array.isArray(s) && s.length > 0 && s.every(isPoint));
    return strokes.length ? { strokes, width: Number(ink.width), height: Number(ink.height) } : null;
  } catch {
    return null;
  }
}

export class InkPad {
  /** @param {HTMLElement} root  an element with [data-ink], as the ink_pad macro writes it */
  constructor(root) {
    const part = (/** @type {string} */ name) => /** @type {any} */ (root.querySelector(`[data-ink-${name}]`));
    this.root = root;
    this.canvas = /** @type {HTMLCanvasElement} */ (part("canvas"));
    this.field = /** @type {HTMLInputElement} */ (part("field"));
    this.status = /** @type {HTMLElement} */ (part("status"));
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {Ink} */
    this.ink = { strokes: [], width: 0, height: 0 };
    /** @type {number | null} */
    this.pointer = null;
    this.pointerKind = "";
    this.penSeen = false;
    this.began = 0;

    part("undo").addEventListener("click", () => this.undo());
    part("clear").addEventListener("click", () => this.clear());
    this.field.addEventListener("change", () => this.load());
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
      this.canvas.addEventListener(name, (event) => this.up(event));
    }
    // Older iOS ignores touch-action; without this the page scrolls away under the finger.
    this.canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    for (const query of ["(prefers-color-scheme: dark)", `(resolution: ${devicePixelRatio}dppx)`]) {
      matchMedia(query).addEventListener("change", () => this.draw());
    }
    this.load();
  }

  get points() {
    return this.ink.strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  }

  load() {
    this.ink = parseInk(this.field.value) ?? { strokes: [], width: 0, height: 0 };
    this.began = performance.now() - this.lastTime();
    this.draw();
    this.say();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || (event.pointerType === "touch" && this.penSeen)) return;
    if (event.pointerType === "pen") {
      this.penSeen = true;
      // A palm lands before the pen does: what it drew so far was not meant.
      if (this.pointer !== null && this.pointerKind === "touch") this.ink.strokes.pop();
    } else if (this.pointer !== null) {
      return;
    }
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.pointerKind = event.pointerType;
    if (!this.ink.strokes.length) this.start();
    this.ink.strokes.push([]);
    this.add([event]);
  }

  start() {
    const box = this.canvas.getBoundingClientRect();
    this.ink = { strokes: [], width: Math.round(box.width), height: Math.round(box.height) };
    this.began = performance.now();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (event.pointerId !== this.pointer) return;
    const fine = event.getCoalescedEvents?.() ?? [];
    this.add(fine.length ? fine : [event]);
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.ink.strokes = this.ink.strokes.filter((stroke) => stroke.length);
    this.store();
  }

  /** @param {PointerEvent[]} events */
  add(events) {
    const box = this.canvas.getBoundingClientRect();
    const stroke = this.ink.strokes[this.ink.strokes.length - 1];
    let room = MAX_POINTS - this.points;
    for (const event of events) {
      if (room <= 0) break;
      const x = round(within((event.clientX - box.left) / box.width), 4);
      const y = round(within((event.clientY - box.top) / box.height), 4);
      const last = stroke[stroke.length - 1];
      if (last && last[0] === x && last[1] === y) continue;
      const elapsed = Math.max(0, Math.round(event.timeStamp - this.began));
      stroke.push([x, y, Math.max(elapsed, this.lastTime()), round(event.pressure, 2)]);
      room -= 1;
    }
    this.draw();
  }

  lastTime() {
    const points = this.ink.strokes.flatMap((stroke) => stroke.slice(-1));
    return points.length ? points[points.length - 1][2] : 0;
  }

  undo() {
    this.ink.strokes.pop();
    this.store();
    this.draw();
  }

  clear() {
    this.ink = { strokes: [], width: 0, height: 0 };
    this.store();
    this.draw();
  }

  store() {
    this.field.value = this.ink.strokes.length ? JSON.stringify(this.ink) : "";
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.say();
  }

  say() {
    const texts = this.status.dataset;
    const full = this.points >= MAX_POINTS;
    this.status.textContent = (full ? texts.textFull : this.field.value ? texts.textSome : texts.textNone) ?? "";
  }

  draw() {
    const { canvas, context } = this;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.clearRect(0, 0, width, height);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineWidth = Math.max(1.5, canvas.clientWidth / 180) * ratio;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.ink.strokes) trace(context, stroke, width, height);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point[]} stroke
 * @param {number} width
 * @param {number} height
 */
function trace(context, stroke, width, height) {
  if (!stroke.length) return;
  const at = (/** @type {Point} */ [x, y]) => /** @type {[number, number]} */ ([x * width, y * height]);
  context.beginPath();
  if (stroke.length === 1) {
    // A line without length leaves no ink; a dot does.
    context.arc(...at(stroke[0]), context.lineWidth * 0.75, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(...at(stroke[0]));
  for (let i = 1; i < stroke.length; i += 1) {
    const [x, y] = at(stroke[i - 1]);
    const [nextX, nextY] = at(stroke[i]);
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...at(stroke[stroke.length - 1]));
  context.stroke();
}
