// @ts-check
// What the map shows at a moment: the tiles of its view as markers, their sums in the legend, and
// a sentence for those who listen.

import { placeMarkers, thingsOf } from "./clusters.js";
import { thingOf } from "./markers.js";
import { inView } from "./tiles.js";
import { isEcho, sumOf, viewOf, within } from "./view.js";
import { things } from "./words.js";

export class Picture {
  /**
   * @param {{map: any, section: HTMLElement, tiles: import("./tiles.js").Tiles,
   *   key: ReturnType<typeof import("./legend.js").legend>, markers: import("./markers.js").Markers,
   *   rows: import("./rows.js").Rows, speech: import("./words.js").Speech, land: {show: () => void}}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.asked = 0;
    this.status = parts.section.querySelector("[data-said]");
  }

  /** Bring what the map looks at now; `aloud`: also say it. @param {boolean} aloud */
  async show(aloud) {
    const { map, tiles, key, land } = this.parts;
    const turn = ++this.asked;
    const here = viewOf(map);
    const { cells, complete } = await tiles.cells(here);
    if (turn !== this.asked || here.zoom !== map.getZoom()) return;
    const seen = inView(cells, here).filter((cell) => !isEcho(map, cell));
    this.#place(cells, here);
    // Markers first: who waits for the map waits for them.
    setTimeout(() => {
      key.count(complete ? sumOf(seen) : null);
      if (aloud || !complete) this.#say(seen, complete);
      land.show();
    });
  }

  /** @param {import("./clusters.js").Cell[]} cells @param {ReturnType<typeof viewOf>} here */
  #place(cells, here) {
    const { map, key, markers, rows } = this.parts;
    const shown = cells.map((cell) => key.only(cell)).filter((cell) => thingsOf(cell) > 0);
    const ranks = rows.ranks();
    const placed = placeMarkers(shown, {
      ...markers.measures,
      rank: (marker) => ranks.get(thingOf(marker)) ?? Infinity,
    });
    markers.show(placed, here.zoom, (marker) => isEcho(map, marker) || !within(marker, here));
  }

  /** @param {import("./clusters.js").Cell[]} seen @param {boolean} complete */
  #say(seen, complete) {
    const { key, speech } = this.parts;
    const sums = sumOf(seen.map((cell) => key.only(cell)));
    const words = thingsOf(sums) ? speech.say("inView", { things: things(speech, sums) }) : speech.say("nothing");
    if (!this.status) return;
    this.status.textContent = complete ? words : speech.say("failed");
    // What stands on the map is seen; what is missing isn't.
    this.status.classList.toggle("unseen", complete);
  }
}
