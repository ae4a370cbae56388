// @ts-check
// The shapes of markers, as the still map draws them (templates/_ui/map.html): what never changes
// is cloned from the page, bubbles are drawn as wide as what stands in them (drawing/bubbles.py).

import { askingHalf, partsOf, severalHalf } from "./clusters.js";

const SVG = "http://www.w3.org/2000/svg";
// Open Sans, in em: a figure at 700 is 0.572 wide; small words at 600 are 0.56 a letter at most.
const FIGURE = 0.572;
const LETTER = 0.56;

/** How wide a half of a bubble is. @param {string} count @param {string} word */
export const partWidth = (count, word) =>
  Math.max(count.length * FIGURE * 16, word.length * LETTER * 11) + 12;

/** A town's bubble, its tip at 0, 0. @param {string} label */
export const askingOutline = (label) => outline(askingHalf(label), 35, 9, 7, 6);

/** The bubble of several things. @param {number} half */
export const severalOutline = (half) => outline(half, 49, 11, 9, 8);

/** @param {number} half @param {number} top @param {number} chin @param {number} r @param {number} tip */
function outline(half, top, chin, r, tip) {
  const side = short(half - r);
  const down = top - chin - 2 * r;
  return (
    `M-${side}-${top}H${side}a${r} ${r} 0 0 1 ${r} ${r}v${down}a${r} ${r} 0 0 1-${r} ${r}H${tip}L0 0` +
    `-${tip}-${chin}H-${side}a${r} ${r} 0 0 1-${r}-${r}v-${down}a${r} ${r} 0 0 1 ${r}-${r}z`
  );
}

/** @param {number} value */
const short = (value) => String(Math.round(value * 10) / 10);

/**
 * A marker's shapes around 0, 0.
 * @param {import("./clusters.js").Marker} marker
 * @param {{speech: import("./words.js").Speech, still: (kind: string) => Node[]}} how
 * @returns {Node[]}
 */
export function draw(marker, { speech, still }) {
  if (marker.kind === "asking") {
    const label = speech.short(marker.votes);
    return [
      made("path", { class: "map-towns", d: askingOutline(label) }),
      made("text", { class: "map-votes", y: "-17.4" }, label),
    ];
  }
  return marker.kind === "several" ? several(marker, speech) : still(marker.kind);
}

/** @param {import("./words.js").Speech} speech @returns {import("./clusters.js").Wide} */
export const widths = (speech) => (count, word) =>
  partWidth(speech.short(count), speech.count(`${word}Word`, count));

/** @param {import("./clusters.js").Marker} marker @param {import("./words.js").Speech} speech */
function several(marker, speech) {
  const parts = partsOf(marker);
  const half = severalHalf(marker, widths(speech));
  const wide = (2 * half) / parts.length;
  const sheet = { x: short(5 - half), y: "-55", width: short(2 * half), height: "38", rx: "9" };
  const drawn = [
    made("rect", { class: "map-sheet", ...sheet }),
    made("path", { class: `map-${parts[0].kind}`, d: severalOutline(half) }),
  ];
  parts.forEach(({ kind, count, word }, n) => {
    const x = short((n + 0.5) * wide - half);
    if (n) {
      const d = `M0-48H${short(half - 9)}a8 8 0 0 1 8 8v20a8 8 0 0 1-8 8H0z`;
      drawn.push(made("path", { class: `map-part map-${kind}`, d }));
      drawn.push(made("path", { class: "map-divide", d: "M0-49v38" }));
    }
    drawn.push(made("text", { class: "map-count", x, y: "-31" }, speech.short(count)));
    drawn.push(made("text", { class: "map-word", x, y: "-18" }, speech.count(`${word}Word`, count)));
  });
  return drawn;
}

/** @param {string} tag @param {Record<string, string>} attributes @param {string} [text] */
export function made(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/** The shapes that never change, as the page brings them. @param {HTMLElement} section */
export function stillShapes(section) {
  const shapes = section.querySelector("template[data-part=shapes]");
  /** @param {string} kind */
  return (kind) => {
    const drawn = shapes instanceof HTMLTemplateElement ? shapes.content.querySelector(`[data-kind="${kind}"]`) : null;
    return [...(drawn?.childNodes ?? [])].map((node) => node.cloneNode(true));
  };
}
