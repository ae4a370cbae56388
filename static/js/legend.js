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
  /** @type {Map<Layer, HTMLInputElement>} */
  const boxes = new Map();
  const off = offOf(said);

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
    boxes.set(layer, box);
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

  const parameters = () => {
    const towns = !off.has("towns");
    const circles = CIRCLES.some((layer) => !off.has(layer));
    /** @type {Record<string, string>} */
    const said = { libraries: off.has("libraries") ? "" : "1" };
    // With nothing of a list left, the list stays as it is.
    if (towns || circles) said.layer = towns && circles ? "" : towns ? "towns" : "circles";
    return said;
  };

  return {
    /** Say how many of each are in view, if that is known. @param {import("./clusters.js").Cell | null} sums */
    count(sums) {
      for (const [layer, place] of counts) place.textContent = sums ? speech.number(sums[layer]) : "";
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
    parameters,
    /** Switch to what an address says, unless it says this already. @param {URLSearchParams} asked */
    switchTo(asked) {
      if (Object.entries(parameters()).every(([name, value]) => (asked.get(name) ?? "") === value)) return;
      const layer = asked.get("layer");
      off.clear();
      for (const one of offOf({
        towns: layer !== "circles",
        circles: layer !== "towns",
        libraries: asked.has("libraries"),
      })) {
        off.add(one);
      }
      for (const [layer, box] of boxes) box.checked = !off.has(layer);
    },
  };
}

/** @param {{towns: boolean, circles: boolean, libraries: boolean}} shown */
function offOf({ towns, circles, libraries }) {
  /** @type {Set<Layer>} */
  const off = new Set();
  if (!towns) off.add("towns");
  if (!circles) for (const layer of CIRCLES) off.add(layer);
  if (!libraries) off.add("libraries");
  return off;
}
