// @ts-check
// Where the live map looks: at which level it opens, how its address is written, what it counts.

/** @typedef {import("./clusters.js").Cell} Cell */
/** @typedef {import("./clusters.js").Box & {zoom: number}} View */

/**
 * The closest whole level at which everything the still map shows is in the picture; a link to a
 * place says its level itself.
 * @param {{x: number, y: number}} size
 * @param {{view: number[], moved: boolean}} said
 */
export function firstZoom(size, { view: [, , zoom, wide, tall], moved }) {
  if (moved && Number.isInteger(zoom)) return zoom;
  // The still map has some air around what it shows.
  const air = 0.15;
  return Math.max(1, Math.floor(zoom + Math.log2(Math.min(size.x / wide, size.y / tall)) + air));
}

/**
 * What the map will show first, in px of the world, before there is a map.
 * @param {{x: number, y: number}} size @param {{view: number[], moved: boolean}} said @returns {View}
 */
export function firstView(size, said) {
  const [lat, lng] = said.view;
  const zoom = firstZoom(size, said);
  const across = 256 * 2 ** zoom;
  const sine = Math.sin((lat * Math.PI) / 180);
  const x = (lng / 360 + 0.5) * across;
  const y = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * across;
  return around({ x, y }, size, zoom);
}

/** @param {{x: number, y: number}} middle @param {{x: number, y: number}} size @param {number} zoom @returns {View} */
const around = ({ x, y }, size, zoom) => ({
  zoom, west: x - size.x / 2, east: x + size.x / 2, north: y - size.y / 2, south: y + size.y / 2,
});

/** Where the map is, for an address, as exact as half a pixel needs. @param {any} map */
export function written(map) {
  const zoom = map.getZoom();
  const digits = Math.max(1, Math.ceil(Math.log10((2 * 256 * 2 ** zoom) / 360)));
  const centre = map.getCenter().wrap();
  const [lat, lng] = [centre.lat, centre.lng].map((part) => String(Number(part.toFixed(digits))));
  const { x, y } = map.getSize();
  // Which copy of the world it is doesn't go into the address, but into what is counted.
  const turn = Math.round((map.getCenter().lng - centre.lng) / 360) * 360;
  return { text: `${lat},${lng},${zoom},${Math.round(x)}x${Math.round(y)}`, center: [Number(lat), Number(lng) + turn] };
}

/** The other way round: where an address says the map is. @param {string} at */
export function placeOf(at) {
  const [lat, lng, zoom] = at.split(",", 3).map(Number);
  return { center: [lat, lng], zoom };
}

/** What a map shows, in px of the world; as exact as its address says it. @param {any} map @returns {View} */
export function viewOf(map) {
  const zoom = map.getZoom();
  return around(map.project(written(map).center, zoom), map.getSize(), zoom);
}

/** Whether the same thing stands nearer to the middle, in another copy of the world. @param {any} map @param {{x: number}} at */
export function isEcho(map, { x }) {
  const zoom = map.getZoom();
  const half = 128 * 2 ** zoom;
  const aside = x - map.project(map.getCenter(), zoom).x;
  // Of two that are equally far only one counts.
  return aside < -half || aside >= half;
}

/** What cells hold together. @param {Cell[]} cells @returns {Cell} */
export function sumOf(cells) {
  const sums = { x: 0, y: 0, towns: 0, votes: 0, now: 0, soon: 0, finished: 0, libraries: 0 };
  for (const cell of cells) {
    for (const name of /** @type {const} */ (["towns", "now", "soon", "finished", "libraries"])) sums[name] += cell[name];
  }
  return sums;
}

/** Whether a point lies in a view. @param {{x: number, y: number}} at @param {import("./clusters.js").Box} box */
export function within({ x, y }, { west, north, east, south }) {
  return west <= x && x <= east && north <= y && y <= south;
}
