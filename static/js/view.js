// @ts-check
// Where the live map looks: at which level it opens, how its address is written, what it counts.

/** @typedef {import("./clusters.js").Cell} Cell */

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
