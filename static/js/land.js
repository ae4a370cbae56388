// @ts-check
// What lies under the markers: first the still map's own drawing of the land; then, once the
// markers stand, ours in tiles with the names of countries, or an operator's pictures.

/** @typedef {{L: any, map: any, section: HTMLElement, said: any, markers: import("./markers.js").Markers}} Parts */

/**
 * @param {Parts} parts
 * @returns {{show: () => void}} shows the land of what the map looks at now
 */
export function landUnder(parts) {
  const { L, map, section, said } = parts;
  const drop = stillLand(L, map, section, said.view);
  /** @type {Promise<() => void> | undefined} */
  let ours;
  const show = () => (ours ??= rest().then(() => ourLand(parts, drop))).then((again) => again());
  if (!said.tilesUrl) return { show };
  const later = { show() {} };
  pictures(parts, drop, () => {
    later.show = show;
    show();
  });
  return later;
}

/** Until the browser has nothing better to do. */
const rest = () =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: 1000 });
    else setTimeout(resolve, 50);
  });

/** @param {Parts} parts @param {() => void} drop @returns {Promise<() => Promise<void>>} */
async function ourLand({ L, map, section, markers }, drop) {
  const [{ landLayer }, { nameCountries }] = await Promise.all([import("./world.js"), import("./names.js")]);
  const land = landLayer(L, section);
  land.layer.once("load", drop);
  return async () => {
    await land.bring(map, map.getZoom());
    const world = land.worldAt(map.getZoom());
    if (world) nameCountries(map, world, markers);
  };
}

/**
 * An operator's own pictures, with a line about whom they are from. Where none of them comes, our
 * land stands in.
 * @param {Parts} parts @param {() => void} come @param {() => void} failed
 */
function pictures({ L, map, section, said }, come, failed) {
  const layer = L.tileLayer(said.tilesUrl, { maxZoom: said.most }).addTo(map);
  const line = document.createElement("p");
  line.className = "map-credit";
  line.textContent = said.credit;
  if (said.credit) section.querySelector(".map-picture")?.append(line);
  const fail = () => {
    layer.remove();
    line.remove();
    failed();
  };
  layer.once("tileerror", fail);
  layer.once("tileload", () => {
    layer.off("tileerror", fail);
    come();
  });
}

/**
 * The still map's land, where the live one has it. Returns how to take it away: when something
 * better is there, or when the map zooms.
 * @param {any} L @param {any} map @param {HTMLElement} section @param {number[]} view
 */
function stillLand(L, map, section, [lat, lng, zoom, wide, tall]) {
  const shapes = section.querySelector(".map-shapes");
  const land = section.querySelector(".map-land")?.cloneNode(true);
  const drop = () => {
    if (land instanceof SVGElement) land.remove();
    shapes?.remove();
  };
  if (land instanceof SVGElement) {
    const scale = 2 ** (map.getZoom() - zoom);
    const [width, height] = [wide * scale, tall * scale];
    land.style.width = `${width}px`;
    land.style.height = `${height}px`;
    L.DomUtil.setPosition(land, map.latLngToLayerPoint([lat, lng]).subtract([width / 2, height / 2]));
    map.createPane("still").append(land);
    map.once("zoomstart", drop);
  }
  return drop;
}
