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
    this.quiet = false;
    this.box = followSwitch(parts.section, () => parts.follow.bring(this.#here));
  }

  /** From now on, the map being where a page opens. */
  begin() {
    const { map, said, follow } = this.parts;
    follow.begin(this.#here.at, (at, asked) => this.#restore(at, asked));
    map.on("moveend", () => this.quiet || this.#moved());
    const { x, y } = map.getSize();
    const [, , , wide, tall] = said.view;
    // The list of this link was counted for a map of another size.
    if (said.moved && this.box.checked && (wide !== x || tall !== y)) this.#stayed();
  }

  /** The map has another size now, and nobody went anywhere. One that isn't shown keeps the old one. */
  resized() {
    const { map } = this.parts;
    const before = map.getSize();
    if (!map.getContainer().clientWidth) return;
    this.#quietly(() => map.invalidateSize({ animate: false }));
    if (!map.getSize().equals(before)) this.#stayed();
  }

  /** A layer was switched on or off. */
  switched() {
    this.parts.picture.show(true);
    this.parts.follow.bring(this.parts.key.parameters());
  }

  get #here() {
    return { at: written(this.parts.map).text };
  }

  /** Once the map rests where it was moved to. */
  #moved() {
    this.#rest(() => {
      this.parts.picture.show(true);
      this.#follow(this.#here, true);
    });
  }

  /** Once the map rests in its other size: a list of everything, or a page of a list, stays one. */
  #stayed() {
    const { picture, follow } = this.parts;
    this.#rest(() => {
      picture.show(false);
      const { at, ...paging } = follow.asked;
      if (at) this.#follow({ ...paging, ...this.#here }, false);
    });
  }

  /** @param {() => void} then */
  #rest(then) {
    clearTimeout(this.pause);
    this.pause = setTimeout(then, PAUSE);
  }

  /** @param {Record<string, string>} changes @param {boolean} step */
  #follow(changes, step) {
    const { rows, follow } = this.parts;
    if (this.box.checked) follow.bring(changes, step);
    else if (!rows.visible()) follow.note(changes, step);
  }

  /** @param {() => void} change of the map that is no move */
  #quietly(change) {
    this.quiet = true;
    change();
    this.quiet = false;
  }

  /** One step back or forward. @param {string} at @param {URLSearchParams} asked */
  #restore(at, asked) {
    const { map, key, picture, rows, follow } = this.parts;
    const { center, zoom } = placeOf(at);
    clearTimeout(this.pause);
    key.switchTo(asked);
    this.#quietly(() => map.setView(center, zoom, { animate: false }));
    picture.show(true);
    if (rows.visible()) follow.renew();
  }
}
