// @ts-check
// What stands where: the cells of the map as markers that have 44 px for themselves. The same rules
// as board/drawing/clusters.py, and a test that compares both. Pure: knows no map and no page.

/**
 * Towns, circles and libraries of one spot, in px of the world at a zoom level. A single thing has
 * its `id`; towns of a cell bring no votes.
 * @typedef {object} Cell
 * @property {number} x @property {number} y
 * @property {number} towns @property {number} votes
 * @property {number} now @property {number} soon @property {number} finished
 * @property {number} libraries
 * @property {number} [id] @property {string} [status] @property {string} [name]
 */

/** @typedef {"asking"|"now"|"soon"|"finished"|"library"|"several"} Kind */
/** @typedef {{west: number, north: number, east: number, south: number}} Box */
/** @typedef {Cell & {kind: Kind, cells: Cell[]}} Marker */
/** How wide the halves of a bubble for several are: translated words differ. */
/** @typedef {(count: number, word: "town"|"circle"|"library") => number} Wide */

export const TARGET = 44;
/** The squares that a tile is counted by, in px. */
export const SQUARE = 32;
// Two markers this near each other, in px, are one region.
const NEAR = 64;
const FIGURE = 0.572;
/** @type {readonly ("towns"|"now"|"soon"|"finished"|"libraries")[]} */
const SUMS = ["towns", "now", "soon", "finished", "libraries"];

/** @param {Cell} cell */
export const circlesOf = (cell) => cell.now + cell.soon + cell.finished;

/** @param {Cell} cell */
export const thingsOf = (cell) => cell.towns + circlesOf(cell) + cell.libraries;

/** Half the width of a town's bubble. @param {string} label */
export const askingHalf = (label) => Math.max(15.6, (label.length * FIGURE * 13 + 16.3) / 2);

/**
 * The markers of the cells, none over another, in the order of the list beside the map: `rank` says
 * where a thing stands there (Infinity: nowhere), then all else, what holds most first, and single
 * towns by their votes.
 * @param {Cell[]} cells
 * @param {{wide: Wide, label: (votes: number) => string, rank: (marker: Marker) => number}} how
 */
export function placeMarkers(cells, how) {
  const markers = apart(cells.map((cell) => shaped({ ...cell, kind: "several", cells: [cell] })), how);
  const ranks = new Map(markers.map((marker) => [marker, how.rank(marker)]));
  /** @param {Marker} m */
  const order = (m) => [
    ranks.get(m) ?? Infinity, -thingsOf(m), -m.votes, -m.towns, -circlesOf(m), -m.libraries, m.y, m.x,
  ];
  return markers.sort((a, b) => compare(order(a), order(b)));
}

/**
 * The ground that is a marker's own, around 0, 0.
 * @param {Marker} marker
 * @param {{wide: Wide, label: (votes: number) => string}} how
 * @returns {Box}
 */
export function target(marker, how) {
  let half = TARGET / 2;
  if (marker.kind === "asking") {
    half = Math.max(half, askingHalf(how.label(marker.votes)) + 1);
    return { west: -half, north: -41, east: half, south: 3 };
  }
  if (marker.kind === "several") {
    half = Math.max(half, severalHalf(marker, how.wide) + 1);
    return { west: -half, north: -56, east: half + 5, south: 2 };
  }
  return { west: -half, north: -half, east: half, south: half };
}

/** Half the width of a bubble for several. @param {Cell} cell @param {Wide} wide */
export function severalHalf(cell, wide) {
  const parts = partsOf(cell);
  const least = parts.length === 1 ? 42 : 46;
  const widths = parts.map(({ count, word }) => wide(count, word));
  return (Math.max(least, ...widths) * parts.length) / 2;
}

/**
 * The halves of a bubble for several: so many towns, so many circles; libraries where there is
 * nothing else.
 * @param {Cell} cell
 * @returns {{kind: "towns"|"live"|"done"|"libraries", count: number, word: "town"|"circle"|"library"}[]}
 */
export function partsOf(cell) {
  /** @type {ReturnType<typeof partsOf>} */
  const parts = [];
  if (cell.towns) parts.push({ kind: "towns", count: cell.towns, word: "town" });
  const circles = circlesOf(cell);
  const live = cell.now + cell.soon > 0;
  if (circles) parts.push({ kind: live ? "live" : "done", count: circles, word: "circle" });
  if (!parts.length) parts.push({ kind: "libraries", count: cell.libraries, word: "library" });
  return parts;
}

/** Put together what overlaps until nothing does; the largest first, always the same way.
 * @param {Marker[]} markers @param {Parameters<typeof target>[1]} how */
function apart(markers, how) {
  const waiting = markers.sort((a, b) => compare(weight(b), weight(a)));
  /** @type {{ground: Box, marker: Marker}[]} */
  const placed = [];
  for (let marker = waiting.pop(); marker; marker = waiting.pop()) {
    const ground = groundOf(marker, how);
    const met = placed.findIndex((other) => overlap(other.ground, ground));
    if (met < 0) placed.push({ ground, marker });
    else waiting.push(together(placed.splice(met, 1)[0].marker, marker));
  }
  return placed.map(({ marker }) => marker);
}

/** Both as one, in their middle, or where the larger one stands if they are far apart.
 * @param {Marker} a @param {Marker} b */
function together(a, b) {
  const [larger, smaller] = compare(weight(a), weight(b)) <= 0 ? [a, b] : [b, a];
  const toX = smaller.x - larger.x;
  const toY = smaller.y - larger.y;
  let share = thingsOf(smaller) / (thingsOf(a) + thingsOf(b));
  if (Math.hypot(toX, toY) > NEAR) share = 0;
  const both = { ...larger, x: larger.x + toX * share, y: larger.y + toY * share };
  for (const name of SUMS) both[name] = a[name] + b[name];
  both.cells = [...a.cells, ...b.cells];
  return shaped(both);
}

/** The marker with the shape that its contents ask for. @param {Marker} marker @returns {Marker} */
function shaped(marker) {
  if (thingsOf(marker) > 1) return { ...marker, kind: "several", id: undefined, votes: 0 };
  if (marker.now) return { ...marker, kind: "now" };
  if (marker.soon) return { ...marker, kind: "soon" };
  if (marker.finished) return { ...marker, kind: "finished" };
  return { ...marker, kind: marker.libraries ? "library" : "asking" };
}

/** Without votes: a vote moves no marker but its own town's. @param {Marker} m */
function weight(m) {
  const id = m.id ?? 0;
  const ids = m.kind === "asking" ? [id, 0, 0] : m.kind === "library" ? [0, 0, id] : [0, id, 0];
  return [-thingsOf(m), m.y, m.x, ...ids];
}

/** @param {Marker} marker @param {Parameters<typeof target>[1]} how @returns {Box} */
function groundOf(marker, how) {
  const { west, north, east, south } = target(marker, how);
  const { x, y } = marker;
  return { west: x + west, north: y + north, east: x + east, south: y + south };
}

/** @param {Box} a @param {Box} b */
export function overlap(a, b) {
  return a.west < b.east && b.west < a.east && a.north < b.south && b.north < a.south;
}

/** @param {number[]} a @param {number[]} b */
function compare(a, b) {
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return a[n] < b[n] ? -1 : 1;
  return 0;
}
