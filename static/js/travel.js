// @ts-check
// Where the map goes: what it shows there, what the address says of it, and the way back.

import { followSwitch } from "./follow.js";
import { placeOf, written } from "./view.js";

// ms that the map rests before anything is asked for.
const PAUSE = 200;

export class Travel {
  /**
   * @param {{map: any, section: HTMLElement, said: any, picture: import("./picture.js").Picture,
   *   key: ReturnType<typeof import("./legend.js").legend>, rows: import("./rows.js").Rows,
   *   follow: import("./follow.js").Follow}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.pause = 0;
    this.restoring = false;
    this.box = followSwitch(parts.section, () => parts.follow.bring(this.#here));
  }

  /** From now on, the map being where a page opens. */
  begin() {
    const { map, said, follow } = this.parts;
    follow.begin(this.#here.at, (at, asked) => this.#restore(at, asked));
    map.on("moveend", () => this.restoring || this.#moved());
    const { x, y } = map.getSize();
    const [, , , wide, tall] = said.view;
    // The list of this link was counted for a map of another size.
    if (said.moved && this.box.checked && (wide !== x || tall !== y)) this.#moved({ aloud: false, step: false });
  }

  /** A layer was switched on or off. */
  switched() {
    this.parts.picture.show(true);
    this.parts.follow.bring(this.parts.key.parameters());
  }

  get #here() {
    return { at: written(this.parts.map).text };
  }

  /** Once the map rests where it was moved to. @param {{aloud?: boolean, step?: boolean}} [how] */
  #moved({ aloud = true, step = true } = {}) {
    const { picture, rows, follow } = this.parts;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      picture.show(aloud);
      if (this.box.checked) follow.bring(this.#here, step);
      else if (!rows.visible()) follow.note(this.#here, step);
    }, PAUSE);
  }

  /** One step back or forward. @param {string} at @param {URLSearchParams} asked */
  #restore(at, asked) {
    const { map, key, picture, rows, follow } = this.parts;
    const { center, zoom } = placeOf(at);
    clearTimeout(this.pause);
    key.switchTo(asked);
    this.restoring = true;
    map.setView(center, zoom, { animate: false });
    this.restoring = false;
    picture.show(true);
    if (rows.visible()) follow.renew();
  }
}
