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
 * A layer of Leaflet's with the world in it. `bring` draws it on a map, `worldAt` are the best shapes
 * that are there for a zoom level.
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
    /** @param {{x: number, y: number, z: number}} coords @param {() => void} done */
    createTile(coords, done) {
      const canvas = document.createElement("canvas");
      // One at a time, so that between two of them the browser hears who touches the map.
      setTimeout(() => {
        paintOn(canvas, coords, worldAt(coords.z), colours);
        done();
      });
      return canvas;
    },
  });
  const layer = new Land({ tileSize: TILE, updateWhenZooming: false, keepBuffer: 1 });

  /**
   * Draw the world for a zoom level; until it is there, the sea or the coarser one.
   * @param {any} map @param {number} zoom
   */
  const bring = async (map, zoom) => {
    const name = fits(zoom);
    if (here.has(name)) return;
    const world = await worldFor(zoom).catch(() => undefined);
    if (!world || here.has(name)) return;
    here.set(name, world);
    if (map.hasLayer(layer)) layer.redraw();
    else layer.addTo(map);
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

/** @param {HTMLCanvasElement} canvas @param {{x: number, y: number, z: number}} coords @param {World | undefined} world @param {Record<string, string>} colours */
function paintOn(canvas, coords, world, colours) {
  const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
  canvas.width = canvas.height = TILE * ratio;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(ratio, ratio);
  paint(pen, coords, world, colours);
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
    draw(land, cut(moved(pointsOf(coast, z), left - shift * size, top)), true);
  }
  const borders = new Path2D();
  for (const [border, shift] of copies(world.borders, size, left, top)) {
    draw(borders, moved(pointsOf(border, z), left - shift * size, top), false);
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

/** @type {WeakMap<Line, {zoom: number, points: number[]}>} */
const thinned = new WeakMap();

/**
 * A line in px of the world at a zoom level, x, y, x, y …, without points nearer than a px to the
 * one before. Kept for the level that was asked for last: every tile of a view wants the same.
 * @param {Line} line
 * @param {number} zoom
 */
function pointsOf(line, zoom) {
  const known = thinned.get(line);
  if (known?.zoom === zoom) return known.points;
  const size = TILE * 2 ** zoom;
  const { xs, ys } = line;
  const points = [];
  let [lastX, lastY] = [Infinity, Infinity];
  for (let n = 0; n < xs.length; n++) {
    const x = xs[n] * size;
    const y = ys[n] * size;
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 0.8 && n < xs.length - 1) continue;
    points.push(x, y);
    lastX = x;
    lastY = y;
  }
  thinned.set(line, { zoom, points });
  return points;
}

/** @param {number[]} points @param {number} left @param {number} top */
function moved(points, left, top) {
  const there = new Array(points.length);
  for (let n = 0; n < points.length; n += 2) {
    there[n] = points[n] - left;
    there[n + 1] = points[n + 1] - top;
  }
  return there;
}

/** @param {Path2D} path @param {number[]} points @param {boolean} closed */
function draw(path, points, closed) {
  if (points.length < 4) return;
  path.moveTo(points[0], points[1]);
  for (let n = 2; n < points.length; n += 2) path.lineTo(points[n], points[n + 1]);
  if (closed) path.closePath();
}

/** The polygon inside the tile and its margin (Sutherland and Hodgman). @param {number[]} polygon */
function cut(polygon) {
  const [near, far] = [-MARGIN, TILE + MARGIN];
  for (const [axis, limit, sign] of [[0, near, 1], [0, far, -1], [1, near, 1], [1, far, -1]]) {
    polygon = cutSide(polygon, axis, limit, sign);
  }
  return polygon;
}

/** @param {number[]} polygon @param {number} axis @param {number} limit @param {number} sign */
function cutSide(polygon, axis, limit, sign) {
  /** @type {number[]} */
  const kept = [];
  const end = polygon.length;
  let [beforeX, beforeY] = [polygon[end - 2], polygon[end - 1]];
  let was = end ? sign * (polygon[end - 2 + axis] - limit) : 0;
  for (let n = 0; n < end; n += 2) {
    const [x, y] = [polygon[n], polygon[n + 1]];
    const now = sign * ((axis ? y : x) - limit);
    if (was < 0 !== now < 0) {
      const part = was / (was - now);
      kept.push(beforeX + (x - beforeX) * part, beforeY + (y - beforeY) * part);
    }
    if (now >= 0) kept.push(x, y);
    beforeX = x;
    beforeY = y;
    was = now;
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
