// @ts-check
// What the map shows comes in tiles of 256 px, each with the things of its squares: one address
// for all pages and languages, so that everybody's tiles are the same few answers.

/** @typedef {import("./clusters.js").Cell} Cell */

import { SQUARE } from "./clusters.js";

const TILE = 256;
// Who waits so long, in ms, is told that something is missing.
const PATIENCE = 15_000;
// A tile is asked for again after a minute; it is then mostly answered with "not modified".
const FRESH = 60_000;
const KEPT = 300;
/** @type {Readonly<Record<string, "now"|"soon"|"finished">>} */
const STATES = { now: "now", soon: "soon", finished: "finished" };

export class Tiles {
  /** @param {string} address with {z}, {x} and {y} in it */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, {at: number, cells: Promise<Cell[] | null>}>} */
    this.known = new Map();
  }

  /**
   * The cells of everything between two corners, in px of the world at a zoom level. Beyond the
   * world's edge it begins again, so x may be anything. `complete`: no tile failed to come.
   * @param {import("./view.js").View} view
   * @returns {Promise<{cells: Cell[], complete: boolean}>}
   */
  async cells({ zoom, ...view }) {
    const across = 2 ** zoom;
    const rows = [Math.max(0, Math.floor(view.north / TILE)), Math.min(across - 1, Math.floor(view.south / TILE))];
    /** @type {Promise<Cell[] | null>[]} */
    const coming = [];
    for (let y = rows[0]; y <= rows[1]; y++) {
      for (let x = Math.floor(view.west / TILE); x <= Math.floor(view.east / TILE); x++) {
        const wrapped = ((x % across) + across) % across;
        coming.push(this.#tile(zoom, wrapped, y).then((cells) => cells && moved(cells, (x - wrapped) * TILE)));
      }
    }
    const tiles = await Promise.all(coming);
    return { cells: tiles.flatMap((cells) => cells ?? []), complete: !tiles.includes(null) };
  }

  /** @param {number} z @param {number} x @param {number} y */
  #tile(z, x, y) {
    const key = `${z}/${x}/${y}`;
    const known = this.known.get(key);
    if (known && Date.now() - known.at < FRESH) return known.cells;
    const address = this.address.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y));
    const cells = fetch(address, { signal: AbortSignal.timeout?.(PATIENCE) })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((tile) => unpacked(tile, x * TILE, y * TILE))
      .catch(() => {
        this.known.delete(key);
        return null;
      });
    this.known.delete(key);
    this.known.set(key, { at: Date.now(), cells });
    for (const old of this.known.keys()) {
      if (this.known.size <= KEPT) break;
      this.known.delete(old);
    }
    return cells;
  }
}

/**
 * Only those whose square a view touches: what the list of the same view counts.
 * @param {Cell[]} cells
 * @param {{west: number, north: number, east: number, south: number}} view
 */
export function inView(cells, view) {
  const west = Math.floor(view.west / SQUARE);
  const east = Math.floor(view.east / SQUARE);
  const north = Math.floor(view.north / SQUARE);
  const south = Math.floor(view.south / SQUARE);
  return cells.filter((cell) => {
    const [x, y] = [Math.floor(cell.x / SQUARE), Math.floor(cell.y / SQUARE)];
    return west <= x && x <= east && north <= y && y <= south;
  });
}

/**
 * The things of a tile; what its columns say stands in board/explore/tiles.py.
 * @param {Record<"c"|"t"|"k"|"l", any[][]>} tile
 * @param {number} left
 * @param {number} top
 */
function unpacked({ c, t, k, l }, left, top) {
  /** @param {number} x @param {number} y @param {Partial<Cell>} more @returns {Cell} */
  const cell = (x, y, more) => ({
    x: left + x, y: top + y, towns: 0, votes: 0, now: 0, soon: 0, finished: 0, libraries: 0, ...more,
  });
  return [
    ...rowsOf(c).map(([x, y, towns, now, soon, finished, libraries]) =>
      cell(x, y, { towns, now, soon, finished, libraries }),
    ),
    ...rowsOf(t).map(([x, y, id, votes, status, name]) => cell(x, y, { towns: 1, id, votes, status, name })),
    ...rowsOf(k).map(([x, y, id, state, name]) => cell(x, y, { id, name, [STATES[state] ?? "finished"]: 1 })),
    ...rowsOf(l).map(([x, y, id, name]) => cell(x, y, { id, name, libraries: 1 })),
  ];
}

/** Columns as rows; the first one says how far each lies from the one before. @param {any[][]} columns */
function rowsOf([steps, ...others]) {
  let x = 0;
  return steps.map((step, n) => [(x += step), ...others.map((column) => column[n])]);
}

/** @param {Cell[]} cells @param {number} by */
function moved(cells, by) {
  return by ? cells.map((cell) => ({ ...cell, x: cell.x + by })) : cells;
}
