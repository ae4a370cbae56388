// @ts-check
// Sea, land and borders of the live map, drawn tile by tile from our own shapes (made at set-up by
// board/drawing/outline.py), in the colours of the style sheet. The fine world comes when needed.

/** @typedef {{xs: Float64Array, ys: Float64Array, west: number, north: number, east: number, south: number}} Line */
/** @typedef {{coasts: Line[], borders: Line[], names: Record<string, [number, number, number]>}} World */

const TILE = 256;
const FINE_ZOOM = 4;
// The cut runs outside the tile, further than the widest line along the coast.
const MARGIN = 10;
const NET_STEPS = [[6, 5], [3, 10], [0, 30]];
/** @type {Map<string, Promise<World>>} */
const worlds = new Map();

/** @param {number} zoom */
const fits = (zoom) => (zoom >= FINE_ZOOM ? "50m" : "110m");

/** The shapes for a zoom level, fetched once. @param {number} zoom @returns {Promise<World>} */
export function worldFor(zoom) {
  const name = fits(zoom);
  const known = worlds.get(name);
  if (known) return known;
  const coming = fetch(new URL(`../built/map/world-${name}.json`, import.meta.url))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(unpacked);
  worlds.set(name, coming);
  // A network that failed once may work the next time.
  coming.catch(() => worlds.delete(name));
  return coming;
}

/**
 * A Leaflet layer with the world in it, and `worldAt(zoom)`: the best shapes that are there.
 * @param {any} L
 * @param {HTMLElement} section whose style holds the colours
 */
export function landLayer(L, section) {
  const style = getComputedStyle(section);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(name).trim();
  const colours = {
    sea: colour("--sea"), net: colour("--map-net"), shore: colour("--map-shore"),
    land: colour("--land"), coast: colour("--coast"), border: colour("--border"),
  };
  /** @type {Map<string, World>} */
  const here = new Map();
  /** @param {number} zoom */
  const worldAt = (zoom) => here.get(fits(zoom)) ?? here.get("50m") ?? here.get("110m");

  const Land = L.GridLayer.extend({
    /** @param {{x: number, y: number, z: number}} coords */
    createTile(coords) {
      const canvas = document.createElement("canvas");
      const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
      canvas.width = canvas.height = TILE * ratio;
      const pen = canvas.getContext("2d");
      if (pen) {
        pen.scale(ratio, ratio);
        paint(pen, coords, worldAt(coords.z), colours);
      }
      return canvas;
    },
  });
  const layer = new Land({ tileSize: TILE, updateWhenZooming: false, keepBuffer: 1 });

  /** @param {number} zoom */
  const bring = async (zoom) => {
    const name = fits(zoom);
    if (here.has(name)) return;
    const world = await worldFor(zoom).catch(() => undefined);
    if (!world || here.has(name)) return;
    here.set(name, world);
    layer.redraw();
  };
  return { layer, worldAt, bring };
}

/** Whole units to parts of the world. @param {any} packed @returns {World} */
function unpacked({ size, coasts, borders, names }) {
  /** @param {number[]} steps @returns {Line} */
  const line = (steps) => {
    const xs = new Float64Array(steps.length / 2);
    const ys = new Float64Array(steps.length / 2);
    let [x, y, west, north, east, south] = [0, 0, Infinity, Infinity, -Infinity, -Infinity];
    for (let n = 0; n < xs.length; n++) {
      x += steps[2 * n] / size;
      y += steps[2 * n + 1] / size;
      xs[n] = x;
      ys[n] = y;
      west = Math.min(west, x);
      east = Math.max(east, x);
      north = Math.min(north, y);
      south = Math.max(south, y);
    }
    return { xs, ys, west, north, east, south };
  };
  for (const room of Object.values(names)) room.forEach((/** @type {number} */ part, /** @type {number} */ n) => (room[n] = part / size));
  return { coasts: coasts.map(line), borders: borders.map(line), names };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{x: number, y: number, z: number}} coords
 * @param {World | undefined} world
 * @param {Record<string, string>} colours
 */
function paint(pen, { x, y, z }, world, colours) {
  const size = TILE * 2 ** z;
  const [left, top] = [x * TILE, y * TILE];
  pen.lineJoin = "round";
  pen.fillStyle = colours.sea;
  pen.fillRect(0, 0, TILE, TILE);
  stroke(pen, net(z, left, top), colours.net, 1);
  if (!world) return;

  const land = new Path2D();
  for (const [coast, shift] of copies(world.coasts, size, left, top)) {
    const ring = cut(toPixels(coast, shift, size, left, top));
    ring.forEach(([px, py], n) => (n ? land.lineTo(px, py) : land.moveTo(px, py)));
    if (ring.length) land.closePath();
  }
  const borders = new Path2D();
  for (const [border, shift] of copies(world.borders, size, left, top)) {
    toPixels(border, shift, size, left, top).forEach(([px, py], n) =>
      n ? borders.lineTo(px, py) : borders.moveTo(px, py),
    );
  }
  stroke(pen, land, colours.shore, 7);
  pen.fillStyle = colours.land;
  pen.fill(land, "evenodd");
  stroke(pen, land, colours.coast, 1.2);
  stroke(pen, borders, colours.border, 1.1);
}

/** @param {CanvasRenderingContext2D} pen @param {Path2D} path @param {string} colour @param {number} wide */
function stroke(pen, path, colour, wide) {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.stroke(path);
}

/**
 * The lines that come into a tile, each with how many worlds it is moved: what crosses the
 * antimeridian is drawn on both sides.
 * @param {Line[]} lines
 * @param {number} size
 * @param {number} left
 * @param {number} top
 * @returns {Generator<[Line, number]>}
 */
function* copies(lines, size, left, top) {
  const [west, east] = [(left - MARGIN) / size, (left + TILE + MARGIN) / size];
  const [north, south] = [(top - MARGIN) / size, (top + TILE + MARGIN) / size];
  for (const line of lines) {
    if (line.south < north || line.north > south) continue;
    for (let shift = Math.ceil(west - line.east); line.west + shift <= east; shift++) yield [line, shift];
  }
}

/**
 * In px of the tile, without points nearer than a px to the one before.
 * @param {Line} line
 * @param {number} shift
 * @param {number} size
 * @param {number} left
 * @param {number} top
 */
function toPixels({ xs, ys }, shift, size, left, top) {
  /** @type {[number, number][]} */
  const points = [];
  let [lastX, lastY] = [Infinity, Infinity];
  for (let n = 0; n < xs.length; n++) {
    const px = (xs[n] + shift) * size - left;
    const py = ys[n] * size - top;
    if (Math.abs(px - lastX) + Math.abs(py - lastY) < 0.8 && n < xs.length - 1) continue;
    points.push([px, py]);
    [lastX, lastY] = [px, py];
  }
  return points;
}

/** The polygon inside the tile and its margin (Sutherland and Hodgman). @param {[number, number][]} polygon */
function cut(polygon) {
  const [near, far] = [-MARGIN, TILE + MARGIN];
  for (const [axis, limit, sign] of [[0, near, 1], [0, far, -1], [1, near, 1], [1, far, -1]]) {
    /** @param {[number, number]} point */
    const inside = (point) => sign * (point[axis] - limit);
    if (polygon.every((point) => inside(point) >= 0)) continue;
    polygon = cutSide(polygon, inside);
  }
  return polygon;
}

/** @param {[number, number][]} polygon @param {(point: [number, number]) => number} inside */
function cutSide(polygon, inside) {
  /** @type {[number, number][]} */
  const kept = [];
  let before = polygon[polygon.length - 1];
  let was = before ? inside(before) : 0;
  for (const point of polygon) {
    const now = inside(point);
    if (was < 0 !== now < 0) {
      const part = was / (was - now);
      kept.push([before[0] + (point[0] - before[0]) * part, before[1] + (point[1] - before[1]) * part]);
    }
    if (now >= 0) kept.push(point);
    [before, was] = [point, now];
  }
  return kept;
}

/** Meridians and parallels. @param {number} zoom @param {number} left @param {number} top */
function net(zoom, left, top) {
  const step = NET_STEPS.find(([least]) => zoom >= least)?.[1] ?? 30;
  const size = TILE * 2 ** zoom;
  const lines = new Path2D();
  for (let lng = -180; lng < 180; lng += step) {
    const px = ((lng + 180) / 360) * size - left;
    if (px < -1 || px > TILE + 1) continue;
    lines.moveTo(px, 0);
    lines.lineTo(px, TILE);
  }
  for (let lat = -80; lat < 85; lat += step) {
    const sine = Math.sin((lat * Math.PI) / 180);
    const py = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * size - top;
    if (py < -1 || py > TILE + 1) continue;
    lines.moveTo(0, py);
    lines.lineTo(TILE, py);
  }
  return lines;
}
