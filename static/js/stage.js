// @ts-check
// The live map's own elements inside the section of the still one, and Leaflet in them.

import { firstZoom } from "./view.js";

// Mercator's world ends here; in longitude it goes on for ever.
const EDGE = 85;

/** The live map takes its place: how much room that is, in px. @param {HTMLElement} section */
export function roomFor(section) {
  section.classList.add("map-live");
  const picture = /** @type {HTMLElement} */ (section.querySelector(".map-picture"));
  return { x: picture.clientWidth, y: picture.clientHeight };
}

/**
 * A map that nobody sees until it is revealed: until then the still one has the links.
 * @param {HTMLElement} section
 * @param {any} L
 * @param {any} said
 * @param {boolean} calm
 */
export function makeStage(section, L, said, calm) {
  const picture = /** @type {HTMLElement} */ (section.querySelector(".map-picture"));
  const stage = document.createElement("div");
  stage.className = "map-stage map-stage-waiting";
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", section.getAttribute("aria-label") ?? "");
  stage.setAttribute("aria-describedby", section.dataset.help ?? "");
  stage.tabIndex = 0;
  picture.querySelector(".map-skip")?.after(stage);
  const map = makeMap(L, stage, said, calm);
  const list = document.createElement("ol");
  list.className = "pins";
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", section.dataset.listName ?? "");
  map.createPane("pins").append(list);

  const reveal = () => {
    // Whoever was at a marker of the still map is at the map then.
    const held = picture.contains(document.activeElement) && document.activeElement?.closest(".map-layer");
    for (const old of picture.querySelectorAll(":scope > :is(.map-wide, .map-narrow, .map-any)")) old.remove();
    stage.classList.remove("map-stage-waiting");
    if (held) stage.focus({ preventScroll: true });
  };
  const dismiss = () => {
    map.remove();
    stage.remove();
    section.classList.remove("map-live");
  };
  return { stage, map, list, reveal, dismiss };
}

/** @param {any} L @param {HTMLElement} stage @param {any} said @param {boolean} calm */
function makeMap(L, stage, said, calm) {
  const map = L.map(stage, {
    attributionControl: false, zoomControl: false, keyboard: false, scrollWheelZoom: false,
    zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, inertia: !calm,
    // Travel looks after the size: the picture changes its own with the page, too.
    trackResize: false, minZoom: 1, maxZoom: said.most, maxBounds: [[-EDGE, -1e6], [EDGE, 1e6]], maxBoundsViscosity: 1,
  });
  const [lat, lng] = said.view;
  return map.setView([lat, lng], firstZoom(map.getSize(), said), { animate: false });
}
