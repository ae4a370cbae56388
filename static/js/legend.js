// @ts-check
// The legend of the live map: its links become switches that work at once, its numbers those of
// what is in view.

/** @typedef {"towns"|"now"|"soon"|"finished"|"libraries"} Layer */
/** @type {readonly Layer[]} */
const CIRCLES = ["now", "soon", "finished"];
/** @type {readonly Layer[]} */
const LAYERS = ["towns", ...CIRCLES, "libraries"];

/**
 * @param {HTMLElement} section
 * @param {{towns: boolean, circles: boolean, libraries: boolean}} said
 * @param {import("./words.js").Speech} speech
 * @param {() => void} switched
 */
export function legend(section, said, speech, switched) {
  /** @type {Map<Layer, HTMLElement>} */
  const counts = new Map();
  /** @type {Set<Layer>} */
  const off = new Set();
  if (!said.towns) off.add("towns");
  if (!said.circles) for (const layer of CIRCLES) off.add(layer);
  if (!said.libraries) off.add("libraries");

  for (const line of section.querySelectorAll("[data-layer]")) {
    const layer = /** @type {Layer} */ (line.getAttribute("data-layer"));
    const link = line.querySelector("a, span.map-key-item");
    if (!LAYERS.includes(layer) || !link) continue;
    const label = document.createElement("label");
    label.className = "map-key-item map-key-switch";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.className = "unseen map-switch";
    box.checked = !off.has(layer);
    link.querySelector(".unseen")?.remove();
    label.append(box, ...link.childNodes);
    link.replaceWith(label);
    const count = label.querySelector("b");
    if (count) counts.set(layer, count);
    box.addEventListener("change", () => {
      if (box.checked) off.delete(layer);
      else off.add(layer);
      switched();
    });
  }
  const key = section.querySelector("details.map-key");
  // On a phone the map needs the room.
  if (key instanceof HTMLDetailsElement && !matchMedia("(min-width: 47.5em)").matches) key.open = false;

  return {
    /** Say how many of each are in view. @param {import("./clusters.js").Cell} sums */
    count(sums) {
      for (const [layer, place] of counts) place.textContent = speech.number(sums[layer]);
    },
    /** A cell without what is switched off. @param {import("./clusters.js").Cell} cell */
    only(cell) {
      if (!off.size) return cell;
      const left = { ...cell };
      for (const layer of off) left[layer] = 0;
      if (off.has("towns")) left.votes = 0;
      return left;
    },
    /** The same for an address: which towns and circles the list shows, and whether libraries are on. */
    parameters() {
      const towns = !off.has("towns");
      const circles = CIRCLES.some((layer) => !off.has(layer));
      // With nothing of a list left, the list stays as it is.
      const one = towns ? "towns" : circles ? "circles" : null;
      return {
        layer: towns && circles ? "" : one,
        libraries: off.has("libraries") ? "" : "1",
      };
    },
  };
}
