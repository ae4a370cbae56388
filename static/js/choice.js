// @ts-check
// Choosing a marker: a single thing opens its card, several lead to where they part.

import { thingOf } from "./markers.js";
import { uncover } from "./sight.js";
import { written } from "./view.js";

/** @typedef {import("./clusters.js").Marker} Marker */

const MOST_LEVELS = 5;
// px around several things, and how much of the picture they fill once they part.
const AIR = 16;
const FILLED = 0.7;

export class Choice {
  /**
   * @param {{map: any, stage: HTMLElement, list: HTMLElement, markers: import("./markers.js").Markers,
   *   rows: import("./rows.js").Rows, card: import("./card.js").Card, follow: import("./follow.js").Follow}} parts
   */
  constructor(parts) {
    this.parts = parts;
    const { map, stage, list, markers, card } = parts;
    list.addEventListener("click", (event) => {
      const one = markers.of(event.target);
      // Who takes hold of a marker to drag the map means the map.
      const dragged = event.detail > 0 && map.dragging.enabled() && map.dragging.moved();
      if (!one || dragged) return;
      if (one.marker.kind === "several") this.#closer(one.marker, event.detail === 0);
      else this.#open(one);
    });
    stage.addEventListener("keydown", (event) => {
      if (event.key === "Escape") card.close();
    });
  }

  /** Mark a thing on map and list as the chosen one; none with "". @param {string} thing */
  mark(thing) {
    this.parts.markers.choose(thing);
    this.parts.rows.mark(thing);
  }

  /** @param {import("./markers.js").Shown} one */
  async #open({ marker, button }) {
    const { map, stage, markers, rows, card } = this.parts;
    const thing = thingOf(marker);
    this.mark(thing);
    rows.show(thing);
    await card.open({
      thing,
      name: button.dataset.name ?? "",
      back: () => (markers.showing(thing)[0]?.button ?? stage).focus({ preventScroll: true }),
    });
    uncover(map, button, card.host);
  }

  /** Go where several things part; where nothing parts them, to the list. @param {Marker} marker @param {boolean} byKey */
  #closer({ cells }, byKey) {
    const { map, stage, rows, follow } = this.parts;
    const zoom = map.getZoom();
    if (zoom >= map.getMaxZoom()) {
      follow.bring({ at: written(map).text }).then(() => rows.go());
      return;
    }
    const xs = cells.map((cell) => cell.x);
    const ys = cells.map((cell) => cell.y);
    const [west, east] = [Math.min(...xs) - AIR, Math.max(...xs) + AIR];
    const [north, south] = [Math.min(...ys) - AIR, Math.max(...ys) + AIR];
    const size = map.getSize();
    const room = FILLED * Math.min(size.x / (east - west), size.y / (south - north));
    const levels = Math.max(1, Math.min(MOST_LEVELS, Math.floor(Math.log2(room))));
    if (byKey) stage.focus({ preventScroll: true });
    map.setView(
      map.unproject([(west + east) / 2, (north + south) / 2], zoom),
      Math.min(map.getMaxZoom(), zoom + levels),
    );
  }
}
