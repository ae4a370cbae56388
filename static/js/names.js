// @ts-check
// The few names of countries that find room on the map, beside its markers, in the page's language
// (board/drawing/labels.py does it for the still map). Decoration: who listens hears the markers.

import { overlap, target } from "./clusters.js";

const FROM_ZOOM = 4;
const MOST = 14;
// 13 px letters, spaced capitals.
const LETTER = 10.6;
const TALL = 16;

/**
 * @param {any} map
 * @param {import("./world.js").World} world
 * @param {import("./markers.js").Markers} markers
 */
export function nameCountries(map, world, markers) {
  const pane = map.getPane("names") ?? makePane(map);
  pane.replaceChildren();
  const zoom = map.getZoom();
  if (zoom < FROM_ZOOM) return;
  const across = 256 * 2 ** zoom;
  const { min, max } = map.getPixelBounds();
  const names = new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "region", fallback: "none" });
  const taken = [...markers.shown.values()].map(({ marker }) => around(marker, target(marker, markers.measures)));
  const rooms = Object.entries(world.names)
    .map(([code, [x, y, wide]]) => ({ text: names.of(code) ?? "", x: x * across, y: y * across, wide: wide * across }))
    .filter(({ text, wide }) => text && wide > text.length * LETTER)
    .sort((a, b) => b.wide - a.wide);
  let shown = 0;
  for (const { text, x, y } of rooms) {
    const turns = Math.floor((max.x - x) / across);
    const place = { x: x + turns * across, y };
    const half = (text.length * LETTER) / 2;
    const box = around(place, { west: -half, north: -TALL / 2, east: half, south: TALL / 2 });
    if (box.west < min.x || box.east > max.x || box.north < min.y || box.south > max.y) continue;
    if (taken.some((other) => overlap(other, box))) continue;
    taken.push(box);
    pane.append(label(map, text, place));
    if (++shown === MOST) break;
  }
}

/** @param {{x: number, y: number}} at @param {import("./clusters.js").Box} box */
function around({ x, y }, { west, north, east, south }) {
  return { west: x + west, north: y + north, east: x + east, south: y + south };
}

/** @param {any} map */
function makePane(map) {
  const pane = map.createPane("names");
  pane.setAttribute("aria-hidden", "true");
  map.on("zoomstart", () => pane.replaceChildren());
  return pane;
}

/** @param {any} map @param {string} text @param {{x: number, y: number}} place */
function label(map, text, { x, y }) {
  const made = document.createElement("span");
  made.className = "pin-name";
  made.textContent = text;
  const { x: left, y: top } = map.getPixelOrigin();
  made.style.transform = `translate(${Math.round(x - left)}px, ${Math.round(y - top)}px) translate(-50%, -50%)`;
  return made;
}
